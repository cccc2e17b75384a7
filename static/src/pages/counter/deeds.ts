/** What is done at the counter and sent by its outbox. */

import type { OrderStatus } from "../../core/types";
import type { Deed } from "../../work/outbox";

export type DeedKind = "accept" | "pick" | "ready" | "reject" | "hand_over" | "short" | "withdraw" | "return" | "stock" | "transfer";
export type CounterDeed = Deed<DeedKind>;

export const BECOMES: Partial<Record<DeedKind, OrderStatus>> = {
  accept: "accepted",
  pick: "picking",
  ready: "ready",
  reject: "rejected",
  hand_over: "collected",
};
