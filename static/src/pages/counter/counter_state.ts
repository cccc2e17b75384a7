/** The store's orders as the counter has them, and what can be done with them. */

import { computed, signal } from "@preact/signals";
import { get, patch, post } from "../../core/api";
import { socket } from "../../core/socket";
import type { CounterOrder, OrderStatus, Page, Store } from "../../core/types";
import { chime } from "../../work/chime";

export type Column = "new" | "picking" | "ready";

const COLUMNS: Partial<Record<OrderStatus, Column>> = {
  paid: "new",
  accepted: "picking",
  picking: "picking",
  ready: "ready",
};

export function columnOf(order: CounterOrder): Column | null {
  return COLUMNS[order.status] ?? null;
}

export class CounterState {
  readonly loaded = signal(false);
  readonly refusal = signal<unknown>(null);
  readonly store = signal<Store | null>(null);
  /** Products whose stock changed, with what can be sold now. */
  readonly available = signal<ReadonlyMap<string, number>>(new Map());
  readonly done = signal<CounterOrder[] | null>(null);
  private readonly open_ = signal<ReadonlyMap<string, CounterOrder>>(new Map());

  readonly columns = computed<Record<Column, CounterOrder[]>>(() => {
    const columns: Record<Column, CounterOrder[]> = { new: [], picking: [], ready: [] };
    const orders = [...this.open_.value.values()].sort((a, b) => a.due_at.localeCompare(b.due_at));
    for (const order of orders) {
      const column = columnOf(order);
      if (column) columns[column].push(order);
    }
    return columns;
  });

  constructor(
    readonly storeId: string,
    private readonly onNew: (order: CounterOrder) => void,
  ) {}

  open(): () => void {
    void this.loadStore();
    return socket.subscribe<{ orders: CounterOrder[] }>(`store:${this.storeId}`, {
      snapshot: ({ orders }) => {
        const known = this.open_.value;
        const first = !this.loaded.value;
        this.open_.value = new Map(orders.map((order) => [order.id, order]));
        this.loaded.value = true;
        this.refusal.value = null;
        if (!first) orders.filter((order) => !known.has(order.id)).forEach((order) => this.announce(order));
      },
      event: (kind, data) => {
        if (kind === "order") this.take((data as { order: CounterOrder }).order);
        if (kind === "stock") this.takeStock(data);
      },
      refused: (problem) => (this.refusal.value = problem),
    });
  }

  async act(order: CounterOrder, step: "accept" | "pick" | "ready"): Promise<void> {
    this.take(await post<CounterOrder>(`/api/orders/${order.id}/${step}`));
  }

  async reject(order: CounterOrder, reason: string): Promise<void> {
    this.take(await post<CounterOrder>(`/api/orders/${order.id}/reject`, { reason }));
  }

  async handOver(order: CounterOrder, code: string): Promise<void> {
    this.take(await post<CounterOrder>(`/api/orders/${order.id}/hand-over`, { code }));
  }

  async setPaused(paused: boolean): Promise<void> {
    const changed = await patch<Store>(`/api/stores/${this.storeId}`, { paused });
    this.store.value = { ...this.store.value, ...changed };
  }

  async loadDone(): Promise<void> {
    const path = `/api/stores/${this.storeId}/orders`;
    const { items } = await get<Page<CounterOrder>>(path, { done: true });
    this.done.value = items.filter((order) => columnOf(order) === null);
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
    this.open_.value = orders;
    if (!before) this.announce(order);
  }

  private takeStock({ product_id, available }: { product_id: string; available: number }): void {
    this.available.value = new Map(this.available.value).set(product_id, available);
  }

  private announce(order: CounterOrder): void {
    if (order.status !== "paid") return;
    chime();
    this.onNew(order);
  }
}
