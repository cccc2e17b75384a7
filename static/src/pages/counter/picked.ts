/** How many pieces of each line are in the bag already; kept on this machine so that a reload loses no tick. */

import { signal } from "@preact/signals";
import type { BagLine, CounterOrder } from "../../core/types";

const KEY = "nearlive.pieces";
const ORDERS_KEPT = 60;

type Pieces = Record<string, Record<string, number>>;

const pieces = signal<Pieces>(JSON.parse(localStorage.getItem(KEY) ?? "{}") as Pieces);

/** What is to be put into the bag: what was ordered, less what is missing, with what is sent instead. */
export function toPick(order: CounterOrder): BagLine[] {
  return order.bag ?? order.lines.map((line) => ({ ...line, charge: line.total, instead_of: null }));
}

export function pickedOf(order: CounterOrder, productId: string): number {
  return pieces.value[order.id]?.[productId] ?? 0;
}

/** Pieces that are in the bag, and all that should be. */
export function progress(order: CounterOrder): { done: number; all: number } {
  const lines = toPick(order);
  return {
    done: lines.reduce((sum, line) => sum + Math.min(line.quantity, pickedOf(order, line.product_id)), 0),
    all: lines.reduce((sum, line) => sum + line.quantity, 0),
  };
}

export function setPicked(order: CounterOrder, productId: string, count: number): void {
  const { [order.id]: mine = {}, ...rest } = pieces.value;
  const entries = Object.entries({ ...rest, [order.id]: { ...mine, [productId]: count } });
  pieces.value = Object.fromEntries(entries.slice(-ORDERS_KEPT));
  localStorage.setItem(KEY, JSON.stringify(pieces.value));
}
