/**
 * What was done at the counter and may not have reached the server yet: kept on this machine, sent in its order, each with the same
 * Idempotency-Key until there is an answer. A reload or a dead network loses nothing; a refusal is explained and taken out,
 * with everything that was to follow it.
 */

import { signal } from "@preact/signals";
import { ApiProblem, del, newKey, post } from "../core/api";
import type { OrderStatus } from "../core/types";

export type DeedKind = "accept" | "pick" | "ready" | "reject" | "hand_over" | "short" | "withdraw" | "return" | "stock" | "transfer";

export interface Deed {
  id: string;
  kind: DeedKind;
  /** What it is about: deeds of one thing depend on one another. */
  about: string;
  /** For people: an order's number, a product's name. */
  label: string;
  method: "POST" | "DELETE";
  path: string;
  body?: unknown;
  at: number;
}

export interface Refusal {
  deed: Deed;
  code: string;
  /** What the order has become, where the server says so. */
  status: OrderStatus | null;
  /** Later deeds of the same thing that were dropped with it. */
  dropped: number;
}

/** The server was not reached, or not well: the same deed is sent again. */
const AGAIN = new Set(["offline", "timeout", "unavailable", "internal", "rate_limited", "stock_busy", "payment_unavailable"]);
const DELAYS = [1_000, 2_000, 4_000, 8_000, 15_000];
const SEND_WITHIN = 8_000;

export const BECOMES: Partial<Record<DeedKind, OrderStatus>> = {
  accept: "accepted",
  pick: "picking",
  ready: "ready",
  reject: "rejected",
  hand_over: "collected",
};

export class Outbox {
  readonly deeds = signal<readonly Deed[]>([]);
  readonly refusals = signal<readonly Refusal[]>([]);
  private failures = 0;
  private sending = false;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private readonly kept: string;

  constructor(
    storeId: string,
    private readonly done: (deed: Deed, answer: unknown) => void,
  ) {
    this.kept = `nearlive.counter.${storeId}`;
    this.deeds.value = this.read();
  }

  open(): () => void {
    const hurry = () => {
      this.failures = 0;
      void this.flush();
    };
    const told = (event: StorageEvent) => {
      if (event.key === this.kept) this.deeds.value = this.read();
    };
    addEventListener("online", hurry);
    addEventListener("storage", told);
    hurry();
    return () => {
      removeEventListener("online", hurry);
      removeEventListener("storage", told);
      clearTimeout(this.timer);
    };
  }

  add(deed: Omit<Deed, "id" | "at">): void {
    this.write([...this.read(), { ...deed, id: newKey(), at: Date.now() }]);
    void this.flush();
  }

  of(about: string): Deed[] {
    return this.deeds.value.filter((deed) => deed.about === about);
  }

  dismiss(refusal: Refusal): void {
    this.refusals.value = this.refusals.value.filter((one) => one !== refusal);
  }

  /** Another tab of this counter may be sending: one at a time keeps the order. */
  async flush(): Promise<void> {
    if (this.sending) return;
    this.sending = true;
    clearTimeout(this.timer);
    try {
      await ("locks" in navigator ? navigator.locks.request(this.kept, () => this.sendAll()) : this.sendAll());
    } finally {
      this.sending = false;
    }
  }

  private async sendAll(): Promise<void> {
    for (let deed = this.read()[0]; deed; deed = this.read()[0]) {
      try {
        const answer = await send(deed);
        this.failures = 0;
        this.drop([deed]);
        this.done(deed, answer);
      } catch (error) {
        const code = error instanceof ApiProblem ? error.code : "internal";
        if (AGAIN.has(code)) {
          this.later();
          return;
        }
        this.refuse(deed, code, error instanceof ApiProblem ? error.extra["order_status"] : null);
      }
    }
  }

  private refuse(deed: Deed, code: string, status: unknown): void {
    const following = this.read().filter((one) => one.about === deed.about && one.id !== deed.id);
    this.drop([deed, ...following]);
    const refusal = { deed, code, status: (status as OrderStatus | undefined) ?? null, dropped: following.length };
    this.refusals.value = [...this.refusals.value, refusal];
  }

  private later(): void {
    const delay = DELAYS[Math.min(this.failures, DELAYS.length - 1)] ?? 15_000;
    this.failures += 1;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.flush(), delay);
  }

  private drop(gone: readonly Deed[]): void {
    const ids = new Set(gone.map((deed) => deed.id));
    this.write(this.read().filter((deed) => !ids.has(deed.id)));
  }

  private read(): Deed[] {
    return JSON.parse(localStorage.getItem(this.kept) ?? "[]") as Deed[];
  }

  private write(deeds: Deed[]): void {
    localStorage.setItem(this.kept, JSON.stringify(deeds));
    this.deeds.value = deeds;
  }
}

function send(deed: Deed): Promise<unknown> {
  const options = { key: deed.id, timeout: SEND_WITHIN };
  return deed.method === "DELETE" ? del<unknown>(deed.path, undefined, options) : post<unknown>(deed.path, deed.body, options);
}
