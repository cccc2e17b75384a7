/** What is done at the counter and sent by its outbox. */

import type { OrderStatus } from "../../core/types";
import type { Deed, Refusal } from "../../work/outbox";
import { t } from "./text";

export type DeedKind = "accept" | "pick" | "ready" | "reject" | "hand_over" | "short" | "withdraw" | "return" | "stock" | "transfer";
export type CounterDeed = Deed<DeedKind>;

export const BECOMES: Partial<Record<DeedKind, OrderStatus>> = {
  accept: "accepted",
  pick: "picking",
  ready: "ready",
  reject: "rejected",
  hand_over: "collected",
};

/** What the order has become, where the server says so. */
export function become({ extra }: Refusal): string {
  const status = extra["order_status"] as OrderStatus | undefined;
  return status === undefined ? "" : ` (${t(`st_${status}`)})`;
}
