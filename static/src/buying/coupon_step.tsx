import { useEffect } from "preact/hooks";

import { money } from "../core/i18n";
import type { OwnCoupon, SignedQuote } from "../core/types";
import { Icon } from "../design/icons";
import { Row } from "../design/rows";
import { CodeForm } from "./code_form";
import { CouponTicket } from "./coupon_ticket";
import { loadCoupons, wallet } from "./coupons";
import { t } from "./offer_text";

/** "auto": those that save most; else the ids that were chosen, none of them for none. */
export type CouponChoice = "auto" | readonly string[];

const saved = (quote: SignedQuote): number => quote.parts.flatMap(({ coupons }) => coupons).reduce((sum, { amount }) => sum + amount, 0);

/** The row of the checkout that says which coupons count, and leads to the others. */
export function CouponRow({ quote, choice, onOpen }: { quote: SignedQuote; choice: CouponChoice; onOpen: () => void }) {
  const off = saved(quote);
  const ready = (wallet.value ?? []).some(({ refusal }) => refusal === null);
  const says = off > 0 ? t("coupons_saves", { amount: money(off, quote.currency) }) : choice !== "auto" && ready ? t("coupons_no") : ready ? t("coupons_pick") : t("coupons_none");
  return (
    <Row
      class="buy-to"
      title={t("coupon")}
      note={quote.parts.flatMap(({ coupons }) => coupons).map(({ title }) => title).join(" · ") || undefined}
      start={<Icon name="tag" />}
      end={<span class={off > 0 ? "buy-change num" : "muted small"}>{says}</span>}
      onClick={onOpen}
      data-testid="coupon-row"
    />
  );
}

interface CouponStepProps {
  quote: SignedQuote | null;
  choice: CouponChoice;
  onChoice: (choice: CouponChoice) => void;
}

/** The best by itself, none, or one's own pick; each says what it takes off here, or why nothing. */
export function CouponStep({ quote, choice, onChoice }: CouponStepProps) {
  useEffect(() => void loadCoupons().catch(() => undefined), []);
  const mine = (wallet.value ?? []).filter(({ refusal }) => refusal === null);
  const uses = new Map(quote?.parts.flatMap(({ coupons }) => coupons).map(({ coupon_id, amount }) => [coupon_id, amount]) ?? []);
  const refused = new Map(quote?.refused_coupons.map((one) => [one.coupon_id, one]) ?? []);
  const noteOf = (coupon: OwnCoupon): string | undefined => {
    const amount = uses.get(coupon.id);
    if (amount !== undefined) return t("coupons_saves", { amount: money(amount) });
    const why = refused.get(coupon.id);
    return why && t(`refused_${why.reason}`, { amount: money(why.missing) });
  };
  const auto = choice === "auto";
  const toggle = (id: string): void => {
    const chosen = auto ? [] : choice;
    onChoice(chosen.includes(id) ? chosen.filter((one) => one !== id) : [...chosen, id]);
  };
  return (
    <div class="stack" data-testid="coupon-step">
      <CodeForm onCoupon={({ id }) => onChoice([...(auto ? [] : choice), id])} />
      <div class="n-list coupon-ways">
        <Row
          title={t("coupons_best")}
          note={t("coupons_best_text")}
          start={<Icon name="bolt" />}
          end={auto ? <Icon name="check" /> : undefined}
          selected={auto}
          onClick={() => onChoice("auto")}
          data-testid="coupon-auto"
        />
        <Row
          title={t("coupons_no")}
          start={<Icon name="close" />}
          end={!auto && choice.length === 0 ? <Icon name="check" /> : undefined}
          selected={!auto && choice.length === 0}
          onClick={() => onChoice([])}
          data-testid="coupon-none"
        />
      </div>
      {mine.map((coupon) => {
        const counts = uses.has(coupon.id);
        const chosen = auto ? counts : choice.includes(coupon.id);
        return (
          <CouponTicket
            key={coupon.id}
            coupon={coupon}
            chosen={chosen}
            faded={refused.has(coupon.id) && !counts}
            note={noteOf(coupon)}
            end={chosen ? <Icon name="check" /> : undefined}
            onClick={() => toggle(coupon.id)}
          />
        );
      })}
    </div>
  );
}
