/** What a coupon says of itself, in a few words. */

import { money, number, when } from "../core/i18n";
import type { Coupon } from "../core/types";
import { t } from "./offer_text";

/** "¥10 off", "15 % off", "Free delivery". */
export function worth(coupon: Coupon): string {
  if (coupon.kind === "delivery") return t("coupon_delivery");
  if (coupon.kind === "percent") return t("coupon_percent", { percent: `${number(coupon.value / 100)}%` });
  return t("coupon_off", { amount: money(coupon.value) });
}

/** "from ¥99 · this show · until Tue 20:00" */
export function terms(coupon: Coupon): string {
  return [
    coupon.minimum > 0 ? t("coupon_from", { amount: money(coupon.minimum) }) : t("coupon_any"),
    coupon.scope === "everything" ? null : t(`coupon_${coupon.scope}`),
    coupon.cap === null ? null : t("coupon_cap", { amount: money(coupon.cap) }),
    t("coupon_until", { when: when(coupon.ends_at) }),
  ]
    .filter(Boolean)
    .join(" · ");
}
