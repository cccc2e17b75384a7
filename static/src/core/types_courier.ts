/** What the courier's page is told (docs/protocol.md, Courier). */

import type { Position, TrackingStatus } from "./types";

export interface CourierState {
  courier_id: string;
  name: string;
  vehicle: "foot" | "bicycle" | "ebike" | "scooter" | "car";
  /** When the courier agreed to be seen while online; null: not (any more). */
  consent_at: string | null;
  online: boolean;
  position: Position | null;
  position_at: string | null;
  offer: Offer | null;
  /** In the sequence of their stops. */
  jobs: Job[];
  today: CourierToday;
  shift: { starts_at: string; ends_at: string } | null;
  may_go_online: boolean;
  hint: WaitingHint | null;
  /** For how many days places are kept: without orders (0: only the last one, while online), and with them. */
  kept: { position_days: number; trail_days: number };
}

/** A planned stretch of work; `place`: where to begin. */
export interface MyShift {
  id: string;
  starts_at: string;
  ends_at: string;
  place: string;
  /** Since when the desk knows that the courier cannot come. */
  cannot_at: string | null;
}

export interface MyShifts {
  items: MyShift[];
  /** Those that nobody has. */
  open: MyShift[];
  /** Nobody is online outside of shifts, but from so many seconds before. */
  only_in_shifts: boolean;
  early_s: number;
}

export interface CourierToday {
  delivered: number;
  earnings: number;
  online_s: number;
  distance_m: number;
  hours: { hour: number; delivered: number; earnings: number; online_s: number; distance_m: number }[];
}

/** Where orders are expected, for who waits; never an order. */
export interface WaitingHint {
  position: Position;
  store_name: string | null;
  reason: string;
  travel_s: number;
  until: string;
}

export interface JobStore {
  name: string;
  address: string;
  position: Position;
}

export interface OfferStop {
  job_id: string;
  drop_off: { text: string; position: Position };
  earnings: number;
}

export interface Offer {
  /** The first of them: answering it answers for all. */
  job_id: string;
  expires_at: string;
  store: JobStore;
  stops: OfferStop[];
  distance_m: number;
  earnings: number;
}

export interface Job {
  id: string;
  order_id: string;
  order_number: string;
  status: TrackingStatus;
  /** When it came to be so. */
  since: string;
  store: JobStore;
  drop_off: { text: string; position: Position; name?: string | null };
  hand_over_code: string | null;
  ready: boolean;
  due_at: string;
  earnings: number;
  note: string | null;
  /** To be taken at the door, minor units. */
  cash_due: number;
  bundle_id: string | null;
  /** From 0, among those of the bundle. */
  stop: number;
  /** The buyer wants it left at the door: a photo will do in place of the PIN. */
  photo_allowed: boolean;
  /** A `tel:` link that connects courier and buyer; null: nothing here does. */
  call?: string | null;
}
