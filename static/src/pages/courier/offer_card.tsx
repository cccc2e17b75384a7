/** Deliveries that are offered: what they are, what they pay, and so many seconds to decide. */

import { distance, money } from "../../core/i18n";
import { useTimeLeft } from "../../core/server_clock";
import type { Offer } from "../../core/types";
import { Button } from "../../design/button";
import { Badge } from "../../design/labels";
import type { CourierDay } from "./courier_state";
import { Stops } from "./stops";
import { t } from "./text";
import { WayMap } from "./way_map";

const RADIUS = 26;
const AROUND = 2 * Math.PI * RADIUS;
/** The ring is full at this many seconds. */
const FULL = 30;

export function OfferCard({ offer, day }: { offer: Offer; day: CourierDay }) {
  const left = Math.ceil(useTimeLeft(Date.parse(offer.expires_at)) / 1000);
  const accepting = day.outbox.of(offer.job_id).some((deed) => deed.kind === "accept");
  const many = offer.stops.length;
  return (
    <section class="co-card co-offer" data-testid="offer" aria-labelledby="offer-title">
      <header class="co-offer__head">
        <div>
          <p class="co-offer__new" id="offer-title">
            {many > 1 ? t("new_bundle", { n: many }) : t("new_offer")}
          </p>
          <p class="co-offer__pay num">{money(offer.earnings)}</p>
          <p class="muted small num">
            {t("whole_way")} {distance(offer.distance_m)}
          </p>
        </div>
        <Ring left={left} />
      </header>
      <p class="sr-only" role="alert">
        {t("offer_said", { pay: money(offer.earnings), way: distance(offer.distance_m), store: offer.store.name, n: many })}
      </p>
      <WayMap
        store={offer.store.position}
        doors={offer.stops.map((stop) => ({ id: stop.job_id, position: stop.drop_off.position, name: stop.drop_off.text }))}
        here={day.link.here.value}
      />
      <Stops store={offer.store} stops={offer.stops.map((stop) => ({ id: stop.job_id, text: stop.drop_off.text }))} />
      {accepting && (
        <Badge tone="warn" icon="refresh">
          {t("accepting")}
        </Badge>
      )}
      <div class="co-actions">
        <Button size="l" disabled={accepting} onClick={() => day.decline(offer)} data-testid="offer-decline">
          {t("decline")}
        </Button>
        <Button
          size="l"
          variant="primary"
          busy={accepting}
          disabled={left === 0}
          onClick={() => day.accept(offer)}
          data-testid="offer-accept"
        >
          {t("accept")}
        </Button>
      </div>
    </section>
  );
}

function Ring({ left }: { left: number }) {
  return (
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
  );
}
