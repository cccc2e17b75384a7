/** Whether something can be had here, from where, and when: as the player, the shelf and the product's sheet say it. */

import { distance, minutes, money, when } from "../core/i18n";
import type { Availability, Card, Supplied } from "../core/types";
import { Button } from "../design/button";
import { Icon } from "../design/icons";
import { Badge } from "../design/labels";
import { Banner } from "../design/notices";
import { Skeleton } from "../design/progress";
import { t as offer } from "./offer_text";
import { t } from "./text";

/** Where a product can be had from: unknown yet, no place to ask for, or the answer. */
export type Supply = Supplied | "asking" | "no_place";

/** Pieces of one product in an order. */
export const MOST = 10;
/** So few that one says so. */
const FEW = 5;

/** Of a card's answer, the part about one of its variants. */
export function ofVariant(answer: Availability, productId: string): Supplied {
  return answer.variants.find((one) => one.product_id === productId) ?? answer;
}

export function canBuy(card: Card, supply: Supply): boolean {
  return !card.sold_out && (typeof supply === "string" || Boolean(supply.available));
}

/** Whether so many are more than the store has: then another one has to send the rest. */
export function beyond(supply: Supply, quantity: number): number | null {
  return typeof supply === "object" && typeof supply.available === "number" && supply.available > 0 && quantity > supply.available ? supply.available : null;
}

/** How many are left, when that is worth saying. */
export function fewLeft(supply: Supply): number | null {
  if (typeof supply !== "object" || typeof supply.available !== "number") return null;
  return supply.available > 0 && supply.available <= FEW ? supply.available : null;
}

/** In a few words, for a card: "1.2 km · about 35 min", "Only 3 left", "Opens 09:00"; null while there is nothing to say. */
export function supplyText(supply: Supply): { text: string; tone: "plain" | "warn" } | null {
  if (typeof supply === "string") return null;
  if (!supply.available) {
    if (supply.reason === "closed" && supply.opens_at) return { text: offer("opens", { when: when(supply.opens_at) }), tone: "warn" };
    return { text: t(supply.reason ?? "sold_out"), tone: "warn" };
  }
  const few = fewLeft(supply);
  if (few !== null) return { text: offer("only_left", { n: few }), tone: "warn" };
  const parts = [
    supply.distance_m === null ? null : distance(supply.distance_m),
    supply.minutes === null ? null : t("about_minutes", { time: minutes(supply.minutes) }),
  ];
  return { text: parts.filter(Boolean).join(" · "), tone: "plain" };
}

interface SupplyLineProps {
  supply: Supply;
  /** Marked so by the host, whatever the stores have. */
  soldOut: boolean;
  onAddress: () => void;
}

/** "From Wukang Road store · 1.2 km · about 35 min · ¥6 delivery", or why not and what to do. */
export function SupplyLine({ supply, soldOut, onAddress }: SupplyLineProps) {
  if (soldOut) return <Banner tone="warn" title={t("sold_out")} data-testid="unavailable">{t("sold_out_text")}</Banner>;
  if (supply === "asking") return <Skeleton height="64px" />;
  if (supply === "no_place") {
    return (
      <Banner tone="info" icon="pin">
        {t("need_place")}
      </Banner>
    );
  }
  if (!supply.available) {
    const reason = supply.reason ?? "sold_out";
    const until = reason === "closed" && supply.opens_at ? offer("closed_until", { when: when(supply.opens_at) }) : t(`${reason}_text`);
    return (
      <div data-testid="unavailable" data-reason={reason}>
        <Banner
          tone="warn"
          title={t(reason)}
          icon={reason === "closed" ? "clock" : reason === "out_of_range" ? "pin" : "alert"}
          action={
            reason === "out_of_range" ? (
              <Button size="s" onClick={onAddress} data-testid="supply-address">
                {offer("change_address")}
              </Button>
            ) : undefined
          }
        >
          {until}
        </Banner>
      </div>
    );
  }
  const few = fewLeft(supply);
  const parts = [
    supply.distance_m === null ? null : distance(supply.distance_m),
    supply.minutes === null ? null : t("about_minutes", { time: minutes(supply.minutes) }),
    supply.fee === null ? null : supply.fee === 0 ? t("delivery_free") : t("delivery_fee_is", { fee: money(supply.fee) }),
  ].filter(Boolean);
  return (
    <div class="buy-promise" data-testid="availability">
      <Icon name="scooter" size={24} />
      <span class="grow">
        <strong>{t("from_store", { store: supply.store_name ?? "" })}</strong>
        <span class="muted small num">{parts.join(" · ")}</span>
      </span>
      {few !== null && (
        <Badge tone="warn" data-testid="few-left">
          {offer("only_left", { n: few })}
        </Badge>
      )}
    </div>
  );
}
