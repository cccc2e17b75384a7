/** Limited offers: flash sales and coupons. Money is in minor units. */

export type FlashStatus = "scheduled" | "running" | "sold_out" | "ended" | "cancelled";

export interface FlashSale {
  id: string;
  card_id: string;
  status: FlashStatus;
  price: number;
  total: number;
  left: number;
  per_buyer: number;
  starts_at: string;
  ends_at: string;
}

export type CouponKind = "amount" | "percent" | "delivery";
export type CouponScope = "product" | "show" | "store" | "everything";
export type CouponRefusal =
  | "unknown"
  | "not_started"
  | "expired"
  | "used"
  | "budget_gone"
  | "not_for_this"
  | "below_minimum"
  | "conflict"
  | "no_effect";

/** What a coupon promises. `value` is minor units (amount) or basis points (percent: 1000 is 10 %). */
export interface Coupon {
  id: string;
  title: string;
  kind: CouponKind;
  value: number;
  scope: CouponScope;
  minimum: number;
  cap: number | null;
  ends_at: string | null;
}

/** A coupon in a show. `left` is how many may still be claimed, null for any number. */
export interface PinnedCoupon extends Coupon {
  left: number | null;
}

/** A coupon that this person has. */
export interface OwnCoupon extends Coupon {
  state: "ready" | "held" | "used" | "expired";
}
