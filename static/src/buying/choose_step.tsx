import { distance, minutes, money } from "../core/i18n";
import type { Availability, Card } from "../core/types";
import { Icon } from "../design/icons";
import { Banner } from "../design/notices";
import { Price } from "../design/price";
import { Skeleton } from "../design/progress";
import { Row } from "../design/rows";
import { Stepper } from "../design/toggles";
import { address } from "./address";
import { t } from "./text";

/** Where a card can be had from: unknown yet, no place to ask for, or the answer. */
export type Supply = Availability | "asking" | "no_place";

export const MOST = 10;

export function canBuy(card: Card, supply: Supply): boolean {
  return !card.sold_out && (typeof supply === "string" || Boolean(supply.available));
}

/** How many one may take: what the store has, if it says so. */
export function atMost(supply: Supply): number {
  return typeof supply === "object" && typeof supply.available === "number" ? Math.max(1, Math.min(MOST, supply.available)) : MOST;
}

/** "From Wukang Road store · 1.2 km · about 35 min · ¥6 delivery", or why not. */
export function SupplyLine({ card, supply }: { card: Card; supply: Supply }) {
  if (card.sold_out) return <Banner tone="warn" title={t("sold_out")}>{t("sold_out_text")}</Banner>;
  if (supply === "asking") return <Skeleton height="44px" />;
  if (supply === "no_place") {
    return (
      <Banner tone="info" icon="pin">
        {t("need_place")}
      </Banner>
    );
  }
  if (!supply.available) {
    const reason = supply.reason ?? "sold_out";
    return (
      <Banner tone="warn" title={t(reason)} data-testid="unavailable">
        {t(`${reason}_text`)}
      </Banner>
    );
  }
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
    </div>
  );
}

export interface ChooseStepProps {
  card: Card;
  supply: Supply;
  quantity: number;
  onQuantity: (quantity: number) => void;
  onAddress: () => void;
}

export function ChooseStep({ card, supply, quantity, onQuantity, onAddress }: ChooseStepProps) {
  const { product } = card;
  const to = address.value;
  return (
    <div class="stack buy-choose">
      <div class="buy-product">
        {product.image_url ? <img class="buy-product__image" src={product.image_url} alt="" /> : <span class="buy-product__image" />}
        <div class="buy-product__text">
          <h3>{product.name}</h3>
          <Price amount={card.price} base={product.price} currency={product.currency} size="l" data-testid="buy-price" />
        </div>
      </div>
      {product.description && <p class="muted buy-description">{product.description}</p>}
      <SupplyLine card={card} supply={supply} />
      <div class="n-list buy-facts">
        <div class="buy-fact">
          <span>{t("quantity")}</span>
          <Stepper label={t("quantity")} value={quantity} max={atMost(supply)} onChange={onQuantity} data-testid="quantity" />
        </div>
        {to && (
          <Row
            onClick={onAddress}
            title={`${t("deliver_to")} ${to.name}`}
            note={to.text}
            start={<Icon name="pin" />}
            end={<span class="buy-change">{t("change")}</span>}
            data-testid="change-address"
          />
        )}
      </div>
    </div>
  );
}
