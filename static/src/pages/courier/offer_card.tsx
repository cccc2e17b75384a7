/** A delivery that is offered: what it is, what it pays, and so many seconds to decide. */

import { useState } from "preact/hooks";
import { distance, money } from "../../core/i18n";
import { problemText } from "../../core/problems";
import type { Offer } from "../../core/types";
import { Button } from "../../design/button";
import { Icon } from "../../design/icons";
import { toast } from "../../design/toast";
import { TrackMap } from "../../map/track_map";
import { now } from "../../work/clock";
import type { CourierDay } from "./courier_state";
import { t } from "./text";

const RADIUS = 26;
const AROUND = 2 * Math.PI * RADIUS;
/** The ring is full at this many seconds. */
const FULL = 30;

export function OfferCard({ offer, day }: { offer: Offer; day: CourierDay }) {
  const [busy, setBusy] = useState<"accept" | "decline" | null>(null);
  const left = Math.max(0, Math.ceil((Date.parse(offer.expires_at) - now.value) / 1000));
  const act = async (step: "accept" | "decline") => {
    setBusy(step);
    try {
      await day.act(offer.job_id, step);
    } catch (error) {
      toast(problemText(error), "bad");
      void day.load();
    } finally {
      setBusy(null);
    }
  };
  return (
    <section class="co-card co-offer" data-testid="offer">
      <header class="co-offer__head">
        <div>
          <p class="co-offer__new">{t("new_offer")}</p>
          <p class="co-offer__pay num">{money(offer.earnings)}</p>
          <p class="muted small">
            {t("whole_way")} {distance(offer.distance_m)}
          </p>
        </div>
        <span class="co-ring num" data-hurry={left <= 5 ? "yes" : "no"} role="timer" aria-label={`${left} ${t("seconds")}`}>
          <svg viewBox="0 0 60 60" width="72" height="72" aria-hidden="true">
            <circle cx="30" cy="30" r={RADIUS} class="co-ring__track" />
            <circle
              cx="30"
              cy="30"
              r={RADIUS}
              class="co-ring__left"
              stroke-dasharray={AROUND}
              stroke-dashoffset={AROUND * (1 - Math.min(1, left / FULL))}
            />
          </svg>
          <span>{left}</span>
        </span>
      </header>
      <div class="co-map">
        <TrackMap
          store={offer.store.position}
          home={offer.drop_off.position}
          courier={day.here.value}
          names={{ map: t("map"), store: t("map_store"), home: t("map_home"), courier: t("map_me") }}
        />
      </div>
      <ul class="co-stops">
        <li>
          <Icon name="store" size={20} />
          <span>
            <b>{offer.store.name}</b>
            <span class="muted">{offer.store.address}</span>
          </span>
        </li>
        <li>
          <Icon name="home" size={20} />
          <span>
            <b>{offer.drop_off.text}</b>
          </span>
        </li>
      </ul>
      <div class="co-actions">
        <Button
          size="l"
          busy={busy === "decline"}
          disabled={busy !== null}
          onClick={() => void act("decline")}
          data-testid="offer-decline"
        >
          {t("decline")}
        </Button>
        <Button
          size="l"
          variant="primary"
          busy={busy === "accept"}
          disabled={busy !== null || left === 0}
          onClick={() => void act("accept")}
          data-testid="offer-accept"
        >
          {t("accept")}
        </Button>
      </div>
    </section>
  );
}
