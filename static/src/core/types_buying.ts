/** Availability, quotes and orders, as buyer and counter see them. Money is in minor units, times are RFC 3339 UTC. */

import type { CouponRefusal } from "./types_offers";
import type { Position, ProductOption, Tracking, TrackingStatus } from "./types";

export type Unavailable = "out_of_range" | "sold_out" | "closed" | "no_courier";

/** Whether, from where and when one product can be had. The store's members are null when `reason` says why not. */
export interface Supplied {
  available: boolean | number;
  store_id: string | null;
  store_name: string | null;
  distance_m: number | null;
  fee: number | null;
  minutes: number | null;
  reason: null | Unavailable;
  /** When the first of the closed stores opens again, if one of them will. */
  opens_at: string | null;
}

/** Of a card: of its product, or if that cannot be had, of the first of its variants that can. */
export interface Availability extends Supplied {
  card_id: string;
  product_id: string;
  why: Why | null;
  variants: (Supplied & { product_id: string })[];
}

export interface Line {
  product_id: string;
  quantity: number;
  card_id?: string;
}

export interface Address {
  name: string;
  phone: string;
  text: string;
  position: Position;
}

export type AdjustmentKind =
  | "base"
  | "store_price"
  | "member_price"
  | "show_deal"
  | "flash_price"
  | "flash_missed"
  | "coupon"
  | "delivery"
  | "delivery_distance"
  | "delivery_hour"
  | "delivery_demand"
  | "free_delivery"
  | "tax";

/** One row of the explanation of a price; `ref` is whose id: of a show, a flash sale, a coupon. */
export interface Adjustment {
  kind: AdjustmentKind;
  amount: number;
  ref: string;
}

/** A coupon in the wallet that is not taken; `missing` is what its goods lack to its minimum. */
export interface RefusedCoupon {
  coupon_id: string;
  reason: CouponRefusal;
  missing: number;
}

export interface QuoteLine {
  product_id: string;
  name: string;
  image_url: string | null;
  quantity: number;
  unit_price: number;
  total: number;
  /** What it costs without any deal. */
  list_price: number;
  options: ProductOption[];
  adjustments: Adjustment[];
  discount: number;
  tax: number;
  /** What the buyer pays for the line, after coupons, tax included. */
  paid: number;
}

export type SourcingStrategy = "nearest" | "soonest" | "highest_stock" | "show_store";
export type Passing = "closed" | "paused" | "lacking" | "no_courier" | "full" | "taken" | "preference";

/** Why this store: what the shop goes by, and the nearer stores that were passed over. */
export interface Why {
  strategy: SourcingStrategy;
  distance_m: number;
  minutes: number;
  spare: number;
  show_store: boolean;
  choice: number;
  passed: { store_id: string; store_name: string; distance_m: number; reason: Passing; product_id: string | null }[];
}

/** What one store makes of an order: the whole of it, or its part where several stores do. */
export interface Quote {
  store: { id: string; name: string; distance_m: number | null };
  lines: QuoteLine[];
  subtotal: number;
  delivery_fee: number;
  total: number;
  currency: string;
  promised_from: string;
  promised_to: string;
  discount: number;
  tax: number;
  tax_included: boolean;
  coupons: { coupon_id: string; title: string; amount: number }[];
  adjustments: Adjustment[];
  refused_coupons: RefusedCoupon[];
  why: Why | null;
}

/** A signed quote: price, stores, fee and promise hold until `valid_until` when an order is placed with the token. */
export interface SignedQuote {
  parts: Quote[];
  total: number;
  currency: string;
  token: string;
  valid_until: string;
  refused_coupons: RefusedCoupon[];
}

export type OrderStatus =
  | "placed"
  | "paid"
  | "accepted"
  | "picking"
  | "ready"
  | "collected"
  | "delivered"
  | "completed"
  | "rejected"
  | "cancelled"
  | "brought_back"
  | "undelivered";

export type PaymentStatus =
  | "unpaid"
  | "pending"
  | "action"
  | "failed"
  | "authorised"
  | "voided"
  | "captured"
  | "capture_failed"
  | "partly_refunded"
  | "refunded";

/**
 * The money of an order. `action`: the buyer has to confirm, with `client_secret` (only in the answer to pay) on the
 * provider's own form, without one on the sandbox's bank page. `cash_due`: what the courier takes at the door.
 */
export interface Payment {
  status: PaymentStatus;
  provider: string | null;
  card_last4: string | null;
  captured: number;
  refunded: number;
  cash_due: number;
  publishable_key: string | null;
  client_secret: string | null;
}

/** A way to pay. `max_total` is the dearest order that may be paid so. */
export interface PaymentMethod {
  provider: string;
  kind: "card" | "stripe" | "cash";
  publishable_key: string | null;
  script_url: string | null;
  max_total: number | null;
}

export type ProposalStatus = "open" | "accepted" | "declined" | "expired" | "withdrawn";

/** What the store does not have, and what it would send instead, for `charge` in all. */
export interface Shortage {
  product_id: string;
  name: string;
  image_url: string | null;
  missing: number;
  value: number;
  replacement: null | { product_id: string; name: string; image_url: string | null; quantity: number; unit_price: number; charge: number };
}

/**
 * The store's question, open till `until`. Accepted, the buyer pays `difference` less; else (declined, or no answer) `refund` less,
 * and nothing is sent instead.
 */
export interface Proposal {
  id: string;
  status: ProposalStatus;
  at: string;
  until: string;
  answered_at: string | null;
  lines: Shortage[];
  difference: number;
  refund: number;
}

export type ReturnStatus = "requested" | "approved" | "refused" | "received" | "refunded";

export interface GoodsReturn {
  id: string;
  status: ReturnStatus;
  lines: { product_id: string; name: string; image_url: string | null; quantity: number; amount: number }[];
  amount: number;
  restocked: boolean | null;
  history: { status: ReturnStatus; at: string; by: string; note: string }[];
}

/** What goes into the bag of one product. `instead_of` is the ordered product that it replaces. */
export interface BagLine {
  product_id: string;
  name: string;
  image_url: string | null;
  quantity: number;
  charge: number;
  instead_of: string | null;
}

/** Put the goods down at the door; a word for the courier. */
export interface Door {
  leave: boolean;
  note: string;
}

interface OrderCore extends Quote {
  id: string;
  number: string;
  status: OrderStatus;
  show_id: string | null;
  associate_id: string | null;
  address: Address;
  note: string | null;
  /** What was wished for at the door when it was ordered: the buyer's own view only. */
  door?: Door | null;
  placed_at: string;
  expires_at: string | null;
  history: { status: OrderStatus; at: string; by: string | null }[];
  payment: Payment;
  cancellable: boolean;
  /** Orders that were placed together, of several stores. */
  group_id?: string | null;
  bag?: BagLine[];
  /** What the buyer pays for the bag as it is. */
  bag_total?: number;
  proposal?: Proposal | null;
  returns?: GoodsReturn[];
  /** Null while nothing can be returned. */
  returnable_until?: string | null;
  /** What it would cost to cancel now, and what it did cost. */
  cancel_fee?: number;
  fee?: number;
  late?: string[];
  back?: CameBack | null;
}

/** Goods that could not be delivered and are at the store again. While nobody has decided `restocked` is null, and `fee`
 * what would be kept if the buyer is to pay for it (`blamed`: by the reason it is so); after that, what is kept. */
export interface CameBack {
  at: string;
  reason: "buyer_absent" | "refused" | "damaged" | "accident" | "other";
  blamed: boolean;
  fee: number;
  restocked: boolean | null;
}

export interface Order extends OrderCore {
  delivery: Tracking | null;
}

export interface CounterOrder extends OrderCore {
  job: null | {
    status: TrackingStatus;
    /** `fleet`: our own courier. */
    provider: string;
    courier_name: string | null;
    vehicle: string | null;
    /** The courier has no code to show: known by name. */
    by_name: boolean;
    eta_at: string | null;
  };
  due_at: string;
  buyer_name: string;
}
