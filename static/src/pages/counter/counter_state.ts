/** The store's orders as the counter has them, and what can be done with them. */

import { computed, signal } from "@preact/signals";
import { get, patch, post } from "../../core/api";
import { socket } from "../../core/socket";
import type { CounterOrder, OrderStatus, Page, Store } from "../../core/types";
import { chime } from "../../work/chime";
import { Outbox, passing } from "../../work/outbox";
import { BECOMES, type CounterDeed, type DeedKind } from "./deeds";
import { Shelf, type StockRow } from "./shelf";

export type Column = "new" | "picking" | "ready";
export type Step = "accept" | "pick" | "ready";

const COLUMNS: Partial<Record<OrderStatus, Column>> = {
  paid: "new",
  accepted: "picking",
  picking: "picking",
  ready: "ready",
};
/** While something new waits, the bell rings again after so many milliseconds. */
const RING_AGAIN = 20_000;

export function columnOf(order: CounterOrder): Column | null {
  return COLUMNS[order.status] ?? null;
}

export interface Missing {
  product_id: string;
  missing: number;
  replacement?: { product_id: string; quantity: number };
}

export class CounterState {
  readonly loaded = signal(false);
  readonly refusal = signal<unknown>(null);
  readonly store = signal<Store | null>(null);
  readonly done = signal<CounterOrder[] | null>(null);
  /** Orders of which it was said that their goods came back: their news comes more than once. */
  private readonly toldBack = new Set<string>();
  readonly shelf: Shelf;
  readonly outbox: Outbox<DeedKind>;
  private readonly open_ = signal<ReadonlyMap<string, CounterOrder>>(new Map());
  private readonly kept: string;

  /** Orders as they will be once everything that was done here has been sent. */
  readonly columns = computed<Record<Column, CounterOrder[]>>(() => {
    const columns: Record<Column, CounterOrder[]> = { new: [], picking: [], ready: [] };
    const orders = [...this.open_.value.values()].sort((a, b) => a.due_at.localeCompare(b.due_at));
    for (const seen of orders) {
      const order = after(seen, this.outbox.of(seen.id));
      const column = columnOf(order);
      if (column) columns[column].push(order);
    }
    return columns;
  });

  constructor(
    readonly storeId: string,
    private readonly onNew: (order: CounterOrder) => void,
  ) {
    this.shelf = new Shelf(storeId);
    this.outbox = new Outbox<DeedKind>(`nearlive.counter.${storeId}`, (deed, answer) => this.sent(deed, answer));
    this.kept = `nearlive.queue.${storeId}`;
    this.restore();
  }

  open(): () => void {
    void this.loadStore();
    void this.shelf.load().catch(() => undefined);
    const closeOutbox = this.outbox.open();
    const ringing = setInterval(() => {
      if (this.columns.value.new.length > 0) chime();
    }, RING_AGAIN);
    const unsubscribe = socket.subscribe<{ orders: CounterOrder[] }>(`store:${this.storeId}`, {
      snapshot: ({ orders }) => {
        const known = this.open_.value;
        const first = !this.loaded.value;
        this.keep(new Map(orders.map((order) => [order.id, order])));
        this.loaded.value = true;
        this.refusal.value = null;
        if (!first) orders.filter((order) => !known.has(order.id)).forEach((order) => this.announce(order));
        void this.outbox.flush();
      },
      event: (kind, data) => {
        if (kind === "order") this.take((data as { order: CounterOrder }).order);
        if (kind === "stock") this.takeStock(data);
      },
      refused: (problem) => (this.refusal.value = problem),
    });
    return () => {
      unsubscribe();
      clearInterval(ringing);
      closeOutbox();
    };
  }

  act(order: CounterOrder, step: Step): void {
    this.do(order, { kind: step, path: `/api/orders/${order.id}/${step}` });
  }

  reject(order: CounterOrder, reason: string): void {
    this.do(order, { kind: "reject", path: `/api/orders/${order.id}/reject`, body: { reason } });
  }

  short(order: CounterOrder, lines: Missing[]): void {
    this.do(order, { kind: "short", path: `/api/orders/${order.id}/short`, body: { lines } });
  }

  withdraw(order: CounterOrder): void {
    this.do(order, { kind: "withdraw", method: "DELETE", path: `/api/orders/${order.id}/proposal` });
  }

  handleReturn(order: CounterOrder, returnId: string, action: "approve" | "refuse" | "receive", restock = true): void {
    this.do(order, { kind: "return", path: `/api/orders/${order.id}/returns/${returnId}`, body: { action, restock } });
  }

  /** `code` null: to a courier known by name. Whether the server has confirmed it; false: it could not be reached and will be asked later. */
  async handOver(order: CounterOrder, code: string | null): Promise<boolean> {
    const path = `/api/orders/${order.id}/hand-over`;
    if (this.outbox.of(order.id).length === 0) {
      try {
        this.take(await post<CounterOrder>(path, { code }, { timeout: 8_000 }));
        return true;
      } catch (error) {
        if (!passing(error)) throw error;
      }
    }
    this.do(order, { kind: "hand_over", path, body: { code } });
    return false;
  }

  async setPaused(paused: boolean, minutes: number | null = null): Promise<void> {
    const body = minutes === null ? { paused } : { paused, minutes };
    const changed = await patch<Store>(`/api/stores/${this.storeId}`, body);
    this.store.value = { ...this.store.value, ...changed };
  }

  async loadDone(): Promise<void> {
    const path = `/api/stores/${this.storeId}/orders`;
    const { items } = await get<Page<CounterOrder>>(path, { done: true });
    this.done.value = items.filter((order) => columnOf(order) === null);
  }

  private do(order: CounterOrder, deed: Pick<CounterDeed, "kind" | "path"> & Partial<CounterDeed>): void {
    this.outbox.add({ method: "POST", ...deed, about: order.id, label: order.number });
  }

  private sent(deed: CounterDeed, answer: unknown): void {
    if (deed.kind === "stock") this.shelf.take(answer as StockRow);
    else if (deed.kind === "transfer") void this.shelf.load().catch(() => undefined);
    else this.take(answer as CounterOrder);
  }

  private async loadStore(): Promise<void> {
    try {
      const { items } = await get<{ items: Store[] }>("/api/stores");
      this.store.value = items.find((store) => store.id === this.storeId) ?? null;
    } catch {
      // The switch stays away; orders come by the socket.
    }
  }

  private take(order: CounterOrder): void {
    const before = this.open_.value.get(order.id);
    const orders = new Map(this.open_.value);
    if (columnOf(order) === null) {
      orders.delete(order.id);
      const done = this.done.value;
      if (done && order.status !== "placed") {
        this.done.value = [order, ...done.filter((one) => one.id !== order.id)];
      }
    } else {
      orders.set(order.id, order);
    }
    this.keep(orders);
    if (!before) this.announce(order);
  }

  private takeStock({ product_id, available }: { product_id: string; available: number }): void {
    this.shelf.setAvailable(product_id, available);
  }

  private announce(order: CounterOrder): void {
    const back = order.status === "brought_back" && !this.toldBack.has(order.id);
    if (back) this.toldBack.add(order.id);
    if (order.status !== "paid" && !back) return;
    chime();
    this.onNew(order);
  }

  private keep(orders: Map<string, CounterOrder>): void {
    this.open_.value = orders;
    localStorage.setItem(this.kept, JSON.stringify([...orders.values()]));
  }

  /** What this machine knew last: a page that opens without a network shows it until the server is back. */
  private restore(): void {
    const text = localStorage.getItem(this.kept);
    if (text === null) return;
    this.open_.value = new Map((JSON.parse(text) as CounterOrder[]).map((order) => [order.id, order]));
  }
}

function after(order: CounterOrder, deeds: readonly CounterDeed[]): CounterOrder {
  const status = deeds.map((deed) => BECOMES[deed.kind]).findLast((one) => one !== undefined);
  return status === undefined ? order : { ...order, status };
}
