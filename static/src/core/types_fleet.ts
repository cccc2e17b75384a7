/** What the dispatcher's view is told (docs/protocol.md, Fleet). */

import type { Position } from "./types";
import type { LateReason, TrackingStatus } from "./types_tracking";

export type VehicleKind = "foot" | "bicycle" | "ebike" | "scooter" | "car";

export interface Watched {
  job_id: string;
  order_id: string;
  order_number: string;
  status: TrackingStatus;
  store_name: string;
  store_position: Position;
  drop_off: Position;
  drop_off_text: string;
  provider: string;
  courier_id: string | null;
  courier_name: string | null;
  due_at: string;
  expected_at: string | null;
  /** Expected so many seconds after what the checkout promised. */
  late_s: number;
  reason: LateReason | null;
  ready: boolean;
  alerted_at: string | null;
}

export interface RiderOnMap {
  courier_id: string;
  name: string;
  vehicle: VehicleKind;
  capacity: number;
  position: Position | null;
  seen_at: string | null;
  offered: number;
  carries: number;
  idle_since: string | null;
}

export interface PausedArea {
  id: string;
  name: string;
  centre: Position;
  radius_m: number;
  reason: string;
  by: string;
  since: string;
  until: string | null;
}

export interface FleetNow {
  at: string;
  jobs: Watched[];
  couriers: RiderOnMap[];
  areas: PausedArea[];
}

export interface JobChoice {
  courier_id: string;
  name: string;
  vehicle: VehicleKind;
  travel_s: number;
  carries: number;
  room: number;
}

export interface JobDetails {
  job_id: string;
  status: TrackingStatus;
  /** When the store took it on; other houses are not asked before. */
  accepted_at: string | null;
  /** What bringing it was thought to cost when it was sold, fen. */
  sold_cost: number | null;
  why: {
    rule: string;
    travel_s: number;
    candidates: number;
    idle_s: number;
    pickup_in_s: number | null;
    drop_in_s: number | null;
    slack_s: number | null;
    runner_up: string | null;
    partners: number;
  } | null;
  history: { status: TrackingStatus; at: string; by: string; why: string }[];
  attempts: { number: number; provider: string; state: string; asked_at: string; ended_at: string | null; why: string; tracking_url: string | null; quoted: number | null; fee: number | null }[];
  choices: JobChoice[];
}

/** A planned stretch of work; without a courier it is open to whoever claims it. */
export interface PlannedShift {
  id: string;
  courier_id: string | null;
  starts_at: string;
  ends_at: string;
  /** A word where to begin. */
  place: string;
  /** Since when the courier is known not to come, and what was said of it. */
  cannot_at: string | null;
  cannot_why: string;
}

export interface FleetRider {
  courier_id: string;
  name: string;
  vehicle: VehicleKind;
  online: boolean;
  online_since: string | null;
}

export interface FleetRiders {
  at: string;
  /** So many seconds after its start somebody is missing in a shift. */
  late_after_s: number;
  items: FleetRider[];
}

/** Orders of the same hours a week before; one keeps one courier for `order_s`. */
export interface Demand {
  items: { at: string; orders: number }[];
  order_s: number;
}
