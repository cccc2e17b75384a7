/** Handing the goods over: against the buyer's PIN, or left at the door with a photo where the buyer wants that. */

import { useLayoutEffect, useState } from "preact/hooks";
import { money } from "../../core/i18n";
import { problemCode, problemText } from "../../core/problems";
import { socket } from "../../core/socket";
import { Button } from "../../design/button";
import { Badge } from "../../design/labels";
import { Banner } from "../../design/notices";
import { Sheet } from "../../design/sheet";
import { toast } from "../../design/toast";
import { Choice } from "../../design/toggles";
import { Keypad } from "../../work/keypad";
import type { CourierDay } from "./courier_state";
import type { ShownJob } from "./deeds";
import { PhotoStep } from "./photo_step";
import { t } from "./text";

const PIN_LENGTH = 4;
type Way = "pin" | "photo";

interface DeliverSheetProps {
  open: boolean;
  job: ShownJob;
  day: CourierDay;
  /** Begin with this; null: whichever the buyer asked for. */
  way?: Way | null;
  onClose: () => void;
}

export function DeliverSheet({ open, job, day, way: wanted = null, onClose }: DeliverSheetProps) {
  const [way, setWay] = useState<Way>("pin");
  const [pin, setPin] = useState("");
  const [photo, setPhoto] = useState<Blob | null>(null);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string | null>(null);
  // Before the first key can be pressed: an effect after painting could wipe what was typed.
  useLayoutEffect(() => {
    setPin("");
    setPhoto(null);
    setError(null);
    setWay(wanted ?? (job.photo_allowed ? "photo" : "pin"));
  }, [open]);
  const submit = async () => {
    if (busy) return;
    setBusy(true);
    try {
      if (way === "photo" && photo) await day.deliverByPhoto(job, photo);
      else if (!(await day.deliver(job, pin))) toast(t("pin_later"));
      onClose();
    } catch (failure) {
      setError(problemText(failure));
      // The bag may have become smaller on the way: the amount that is asked for is the one that the page shows.
      if (problemCode(failure) === "cash_due") void day.load();
      setPin("");
    } finally {
      setBusy(false);
    }
  };
  const away = socket.state.value === "offline" || socket.state.value === "waiting";
  return (
    <Sheet
      open={open}
      title={way === "photo" ? t("photo_title") : t("pin_title")}
      closeLabel={t("close")}
      onClose={onClose}
      wide="middle"
      data-testid="deliver"
      footer={
        <Button
          size="l"
          wide
          variant="primary"
          busy={busy}
          disabled={way === "photo" ? photo === null : pin.length < PIN_LENGTH}
          onClick={() => void submit()}
          data-testid="deliver-submit"
        >
          {job.cash_due > 0 ? t("deliver_cash", { amount: money(job.cash_due) }) : t("deliver")}
        </Button>
      }
    >
      <div class="co-pin">
        {job.photo_allowed && (
          <Choice
            label={t("way")}
            value={way}
            options={[
              { value: "photo", label: t("way_photo"), icon: "photo" },
              { value: "pin", label: t("way_pin"), icon: "lock" },
            ]}
            onChange={setWay}
          />
        )}
        <p>
          <b>{job.drop_off.text}</b>
        </p>
        {job.cash_due > 0 && (
          <Badge tone="warn" icon="card" data-testid="cash-due">
            <span class="num">{t("cash_due", { amount: money(job.cash_due) })}</span>
          </Badge>
        )}
        {away && (
          <Banner tone="warn" icon="signal-off">
            {way === "photo" ? t("photo_away") : t("pin_away")}
          </Banner>
        )}
        {way === "photo" ? (
          <PhotoStep photo={photo} onPhoto={setPhoto} />
        ) : (
          <>
            <p class="muted small">{t("pin_text")}</p>
            <Keypad
              label={t("pin")}
              length={PIN_LENGTH}
              value={pin}
              onValue={(value) => {
                setPin(value);
                if (value !== "") setError(null);
              }}
              error={error}
              disabled={busy}
              data-testid="pin-input"
            />
          </>
        )}
        {way === "photo" && error && (
          <Banner tone="bad" alert>
            {error}
          </Banner>
        )}
      </div>
    </Sheet>
  );
}
