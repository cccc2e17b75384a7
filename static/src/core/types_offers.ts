/** Limited offers: flash sales, coupons, members. Money is in minor units. */

import type { Role } from "./types";

export type FlashStatus = "scheduled" | "running" | "sold_out" | "ended" | "cancelled";

/** A flash sale on a card: counts down to `starts_at` while scheduled, to `ends_at` then, by the server's clock. */
export interface FlashSale {
  id: string;
  status: FlashStatus;
  price: number;
  total: number;
  left: number;
  per_buyer: number;
  starts_at: string;
  ends_at: string;
  server_now: string;
}

/** The same for its host: `sold` counts what orders hold that are not paid yet. */
export interface HostFlash extends FlashSale {
  show_id: string;
  card_id: string;
  product_id: string;
  sold: number;
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

/**
 * What a coupon promises. `value` is minor units (amount) or basis points (percent: 1000 is 10 %); it takes at most `cap` off.
 * What it is good for (`bound_to`, by `scope`) must cost `minimum`.
 */
export interface Coupon {
  id: string;
  title: string;
  kind: CouponKind;
  value: number;
  scope: CouponScope;
  bound_to: string[];
  minimum: number;
  cap: number | null;
  stacks: boolean;
  starts_at: string;
  ends_at: string;
  per_buyer: number;
}

/** A coupon that a show shows. `claims_left` is null where there is no limit. */
export interface PinnedCoupon extends Coupon {
  claims_left: number | null;
  pinned_at: string;
}

/** A coupon that this person has. `refusal` says why it cannot be used now, null if it can. */
export interface OwnCoupon extends Coupon {
  claimed_at: string;
  uses_left: number;
  refusal: CouponRefusal | null;
}

/** What a coupon is bound to, or can be; `name` is null when it is gone, `note` tells it from others of its name. */
export interface CouponPlace {
  id: string;
  name: string | null;
  note: string;
}

export type CouponState = "running" | "not_started" | "given_out" | "used_up" | "stopped" | "over";

/** A coupon for operators: `uses` orders have it and take off `spent`. */
export interface DeskCoupon extends Coupon {
  state: CouponState;
  code: string | null;
  budget_uses: number | null;
  budget_amount: number | null;
  claims: number;
  claims_left: number | null;
  uses: number;
  spent: number;
  stopped: boolean;
  bound: CouponPlace[];
  created_at: string | null;
}

/** A flash sale for operators: of `sold`, `unpaid` pieces are in orders that wait for their payment. */
export interface DeskFlash extends HostFlash {
  show: { id: string; title: string; status: string; store_name: string; associate_name: string } | null;
  product_name: string | null;
  listed: number;
  unpaid: number;
  over_at: string | null;
  /** Who stopped it; null if it ended by itself. */
  over_by: string | null;
}

/** Somebody, and what they are in the shop. */
export interface Member {
  id: string;
  name: string;
  login: string | null;
  role: Role;
  membership: string | null;
}
