/** This person's orders as they change: fed by the socket's `me` topic and by every answer that has an order in it. */

import { signal } from "@preact/signals";

import { get } from "../core/api";
import { socket } from "../core/socket";
import type { Message, Order, Page, Tracking } from "../core/types";
import { heard } from "../tracking/talks";

interface MeSnapshot {
  orders: Order[];
}

export interface Sanctioned {
  kind: "mute" | "ban";
  show_id: string | null;
  until: string | null;
  reason: string;
}

type MeEvent = Order & { order?: Order; order_id?: string; tracking?: Tracking; message?: Message } & Sanctioned;

const OVER: ReadonlySet<string> = new Set(["delivered", "completed", "rejected", "cancelled", "undelivered"]);

export const orders = signal<ReadonlyMap<string, Order>>(new Map());
/** The last sanction that this page was told of. */
export const sanction = signal<Sanctioned | null>(null);

let following = false;

export function isOver(order: Order): boolean {
  return OVER.has(order.status);
}

export function keepOrder(order: Order): void {
  const known = orders.value.get(order.id);
  // An answer may be older than an event that overtook it; the history only grows.
  if (known && known.history.length > order.history.length) return;
  orders.value = new Map(orders.value).set(order.id, { ...order, delivery: order.delivery ?? known?.delivery ?? null });
}

export function keepTracking(orderId: string, tracking: Tracking): void {
  const known = orders.value.get(orderId);
  if (known) orders.value = new Map(orders.value).set(orderId, { ...known, delivery: tracking });
}

/** Follows the `me` topic; once a page. Needs a session. */
export function followMe(): void {
  if (following) return;
  following = true;
  socket.subscribe<MeSnapshot>("me", {
    snapshot: (data) => data.orders.forEach(keepOrder),
    event: (kind: string, data: MeEvent) => {
      if (kind === "order" && data.order) keepOrder(data.order);
      if (kind === "tracking" && data.order_id && data.tracking) keepTracking(data.order_id, data.tracking);
      if (kind === "message" && data.message) heard(data.message);
      if (kind === "sanction") sanction.value = data;
    },
  });
}

export async function loadOrder(id: string): Promise<Order> {
  const order = await get<Order>(`/api/orders/${encodeURIComponent(id)}`);
  keepOrder(order);
  return orders.value.get(id) ?? order;
}

export async function loadOrders(before: string | null = null): Promise<Page<Order>> {
  const page = await get<Page<Order>>("/api/orders", { before, limit: 20 });
  page.items.forEach(keepOrder);
  return page;
}
