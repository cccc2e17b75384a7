/** What buyers are told of a delivery (docs/protocol.md, Tracking). */

import type { Position } from "./types";

export type TrackingStatus =
  | "searching"
  | "offered"
  | "accepted"
  | "at_store"
  | "collected"
  | "arriving"
  | "delivered"
  | "returning"
  | "returned"
  | "cancelled";

export type LateReason = "store_busy" | "no_courier" | "courier_changed" | "other_stop" | "on_the_road" | "out_of_sight" | "faster";

export interface PromiseChange {
  at: string;
  starts_at: string;
  ends_at: string;
  /** Its end moved by so many seconds; below zero: earlier. */
  by_s: number;
  reason: LateReason;
}

/** The window that holds, that of the checkout, and each that was told between. */
export interface Promised {
  starts_at: string;
  ends_at: string;
  first_starts_at: string;
  first_ends_at: string;
  late_s: number;
  changes: PromiseChange[];
}

export interface Proof {
  kind: "pin" | "photo" | "signature";
  at: string;
  /** A picture of ours, or what the provider shows. */
  url: string | null;
}

export interface ContactLine {
  open: boolean;
  until: string | null;
  /** A `tel:` link that connects both sides. */
  call: string | null;
}

export interface Rating {
  stars: number;
  tags: string[];
  text: string;
  at: string;
}

/** Something that was changed after another house had been asked, and whether its courier knows. */
export interface Wish {
  part: "leave_at_door" | "note" | "phone" | "ready_at";
  told: "on_its_way" | "told" | "not_told";
  provider: string;
}

export interface Tracking {
  job_id: string;
  status: TrackingStatus;
  courier: null | { name: string; vehicle: string; phone_hint: string | null };
  /** Another house that brings it. */
  provider: null | { name: string; tracking_url: string | null };
  courier_position: Position | null;
  courier_at: string | null;
  eta_at: string | null;
  promise: Promised;
  /** Doors of others that come first. */
  stops_before: number;
  store_position: Position;
  drop_off: Position;
  pin: string | null;
  leave_at_door: boolean;
  /** What whoever brings it can be told of. */
  changeable: string[];
  wishes: Wish[];
  proof: Proof | null;
  contact: ContactLine | null;
  rating: Rating | null;
  rate_until: string | null;
  steps: { status: TrackingStatus; at: string }[];
}

/** Between buyer and courier: a text, or a phrase that each side reads in the own language. */
export interface Message {
  id: string;
  order_id: string;
  job_id: string;
  author: "buyer" | "courier";
  /** The courier's. */
  name: string | null;
  text: string;
  quick: string | null;
  at: string;
}

export interface Conversation extends ContactLine {
  items: Message[];
}
