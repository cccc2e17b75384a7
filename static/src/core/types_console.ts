/** The objects of docs/protocol.md that only the console sees. */

import type { Role, Show } from "./types";

export interface ConsoleShow extends Show {
  chat_rate: number;
  /** The words that hold messages back just now. */
  flags: string[];
  open_reports: number;
  warned_at: string | null;
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
