/** Nobody opens: tell the buyer first, wait, then take the goods back; or leave them at the door if the buyer says so. */

import { useEffect, useState } from "preact/hooks";
import { duration } from "../../core/i18n";
import { Button } from "../../design/button";
import { Icon } from "../../design/icons";
import { Banner } from "../../design/notices";
import { now } from "../../work/clock";
import type { CourierDay } from "./courier_state";
import type { ShownJob } from "./deeds";
import { Messages } from "./messages";
import { t } from "./text";

/** How long a buyer has after the message, ms. */
const WAIT = 5 * 60_000;

interface AbsentStepProps {
  job: ShownJob;
  day: CourierDay;
  /** What was done about it, once enough was. */
  onWaited: (told: string | null) => void;
  onPhoto: () => void;
  onBack: () => void;
}

export function AbsentStep({ job, day, onWaited, onPhoto, onBack }: AbsentStepProps) {
  const key = `nearlive.courier.absent.${job.id}`;
  const [since, setSince] = useState(() => Number(sessionStorage.getItem(key) ?? 0));
  const left = since === 0 ? WAIT : Math.max(0, since + WAIT - now.value);
  const waited = since > 0 && left === 0;
  useEffect(() => onWaited(waited ? t("waited", { n: Math.floor((now.value - since) / 60_000) }) : null), [waited]);
  const tell = () => {
    day.message(job, { quick: "nobody_there" });
    const at = Date.now();
    sessionStorage.setItem(key, String(at));
    setSince(at);
  };
  return (
    <div class="stack co-absent">
      <ol class="co-absent__steps">
        <li data-done={since > 0 ? "yes" : "no"}>
          <b>{t("absent_tell")}</b>
          {since === 0 ? (
            <Button variant="primary" icon="chat" onClick={tell} data-testid="absent-tell">
              {t("absent_send")}
            </Button>
          ) : (
            <span class="muted small">{t("absent_told")}</span>
          )}
        </li>
        <li data-done={waited ? "yes" : "no"}>
          <b>{t("absent_wait")}</b>
          <span class="co-absent__left num" role="timer" data-testid="absent-left">
            {duration(Math.ceil(left / 1000))}
          </span>
        </li>
        <li>
          <b>{t("absent_back")}</b>
          <span class="muted small">{t("absent_back_text")}</span>
        </li>
      </ol>
      {job.photo_allowed && (
        <Banner
          tone="good"
          icon="photo"
          action={
            <Button size="s" onClick={onPhoto} data-testid="absent-photo">
              {t("take_photo")}
            </Button>
          }
        >
          {t("absent_leave")}
        </Banner>
      )}
      {since > 0 && <Messages job={job} day={day} />}
      <button type="button" class="co-absent__other" onClick={onBack}>
        <Icon name="back" size={16} /> {t("absent_other")}
      </button>
    </div>
  );
}
