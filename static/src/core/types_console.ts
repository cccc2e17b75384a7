/** The objects of docs/protocol.md that only the console sees. */

import type { Role, Show } from "./types";

export interface ConsoleShow extends Show {
  chat_rate: number;
  /** The words that hold messages back just now. */
  flags: string[];
  open_reports: number;
  warned_at: string | null;
}

export type AlertKind =
  | "capture_failed"
  | "authorisation_expiring"
  | "authorisation_lost"
  | "refund_failed"
  | "books_differ"
  | "disputed";

/** Money that needs a person; open while `resolved_at` is null. */
export interface PaymentAlert {
  id: string;
  order_id: string;
  order_number: string;
  store_id: string;
  kind: AlertKind;
  provider: string;
  amount: number;
  currency: string;
  at: string;
  resolved_at: string | null;
  resolved_by: string | null;
}

/** All that happened to an order's money: `kept` is what was captured less what was refunded. */
export interface PaymentHistory {
  order_id: string;
  order_number: string;
  currency: string;
  owed: number;
  captured: number;
  refunded: number;
  kept: number;
  events: {
    at: string;
    kind: "authorise" | "capture" | "void" | "refund" | "give_up";
    outcome: "requested" | "waiting" | "succeeded" | "failed";
    provider: string;
    amount: number;
    by: string;
    by_name: string | null;
    code: string | null;
    reason: string | null;
    reference: string | null;
  }[];
}

export type ReportReason = "spam" | "abuse" | "sexual" | "violence" | "fraud" | "minor" | "other";

export interface Report {
  id: string;
  show_id: string;
  show_title: string;
  reporter_name: string;
  subject: { message_id: string | null; user_id: string | null; user_name: string | null; excerpt: string | null };
  reason: ReportReason;
  text: string | null;
  at: string;
  state: string;
  outcome: string | null;
}

export interface Sanction {
  id: string;
  user_id: string;
  user_name: string;
  show_id: string | null;
  kind: "mute" | "ban";
  until: string | null;
  reason: string;
  by: string | { id: string; name: string };
  at: string;
  lifted_at: string | null;
}

export interface Rule {
  id: string;
  pattern: string;
  action: "block" | "mask" | "hold" | "allow";
  category: string;
  note: string | null;
  by: string | { id: string; name: string };
  at: string;
}

export interface HeldMessage {
  id: string;
  show_id: string;
  show_title: string;
  author: { id: string; name: string; role?: Role } | string;
  text: string;
  at: string;
  matches: (string | { pattern: string })[];
}

export interface AuditEntry {
  id: string;
  at: string;
  actor: { id: string; name: string };
  action: string;
  subject: string;
  why: string | null;
  detail: unknown;
}

/** How a show's media is doing. Rates in bit/s, times in seconds, loss 0 to 1. */
export interface ShowMedia {
  verdict: "good" | "fair" | "bad" | "off";
  warnings: MediaWarning[];
  publisher: MediaPublisher | null;
  layers: MediaLayer[];
  crowd: MediaCrowd;
  /** Those who fare worst, at most fifty. */
  viewers: MediaViewer[];
  nodes: { node: string; origin: boolean; viewers: number }[];
}

export interface MediaWarning {
  code:
    | "publisher_lost"
    | "no_video"
    | "publisher_loss"
    | "publisher_far"
    | "low_bitrate"
    | "viewers_lossy"
    | "viewers_waiting"
    | "first_frame_slow";
  level: "fair" | "bad";
  value: number;
}

export interface MediaPublisher {
  bitrate: number;
  loss: number;
  jitter: number;
  round_trip: number | null;
  transport: string;
  ip: number;
  seconds: number;
}

export interface MediaLayer {
  kind: string;
  codec: string;
  /** "" without simulcast. */
  layer: string;
  alive: boolean;
  /** Pixels; 0 while not known. */
  width: number;
  height: number;
  bitrate: number;
  loss: number;
  viewers: number;
  key_frames: number;
  key_frame_requests: number;
  nacked: number;
  retransmitted: number;
}

export interface MediaCrowd {
  viewers: number;
  lossy: number;
  far: number;
  waiting: number;
  paused: number;
  loss: number;
  round_trip: number;
  by_path: Record<string, number>;
  first_frame_p50: number | null;
  first_frame_p95: number | null;
}

export interface MediaViewer {
  session: string;
  user_id: string;
  name: string;
  node: string;
  seconds: number;
  layer: string;
  transport: string;
  ip: number;
  loss: number;
  round_trip: number | null;
  jitter: number;
  estimate: number | null;
  first_frame: number | null;
  nacks: number;
  retransmitted: number;
  dropped: number;
  waiting: boolean;
  paused: boolean;
}

export interface PacketCapture {
  state: "running" | "ending" | "ready" | "failed";
  began: string;
  seconds: number;
  seconds_most: number;
  octets: number;
  octets_most: number;
  packets: number;
  missed: number;
}

/** Where the brand's own systems are told of orders. `secret` only where it was just made. */
export interface Webhook {
  id: string;
  url: string;
  note: string;
  events: string[];
  off: "by_hand" | "gone" | "failing" | null;
  failing_since: string | null;
  created_at: string;
  secret: string | null;
}

export interface WebhookMessage {
  id: string;
  event_id: string;
  type: string;
  state: "waiting" | "delivered" | "dead";
  created_at: string;
  next_try_at: string | null;
  attempts: { at: string; status: number | null; error: string; milliseconds: number }[];
  body: string;
}
