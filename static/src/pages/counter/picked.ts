/** Which lines of an order are in the bag already; kept on this machine so that a reload loses no tick. */

import { signal } from "@preact/signals";
import type { CounterOrder } from "../../core/types";

const KEY = "nearlive.picked";
const ORDERS_KEPT = 60;

type Ticks = Record<string, string[]>;

export const ticks = signal<Ticks>(JSON.parse(localStorage.getItem(KEY) ?? "{}") as Ticks);

export function isPicked(order: CounterOrder, productId: string): boolean {
  return ticks.value[order.id]?.includes(productId) ?? false;
}

export function pickedCount(order: CounterOrder): number {
  return order.lines.filter((line) => isPicked(order, line.product_id)).length;
}

export function setPicked(order: CounterOrder, productId: string, picked: boolean): void {
  const others = (ticks.value[order.id] ?? []).filter((id) => id !== productId);
  const { [order.id]: _, ...rest } = ticks.value;
  const entries = Object.entries({ ...rest, [order.id]: picked ? [...others, productId] : others });
  ticks.value = Object.fromEntries(entries.slice(-ORDERS_KEPT));
  localStorage.setItem(KEY, JSON.stringify(ticks.value));
}
