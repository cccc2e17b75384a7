/**
 * One purchase: from a product to a paid order. Placing and paying carry an Idempotency-Key each, made once per intention:
 * the same key goes out again when the answer was lost, a new one when the server has said no or the content has changed.
 */

import { newKey, post, ApiProblem } from "../core/api";
import type { Address, Line, Order, Quote } from "../core/types";

export interface CardDetails {
  number: string;
  expiry: string;
  cvc: string;
}

interface Intention {
  content: string;
  key: string;
}

/** Whether the server may have done it although we have no answer. */
function unsure(error: unknown): boolean {
  return error instanceof ApiProblem && (error.status === 0 || error.status >= 500);
}

class Once {
  private last: Intention | null = null;

  async send<T>(path: string, body: unknown): Promise<T> {
    const content = `${path} ${JSON.stringify(body)}`;
    if (this.last?.content !== content) this.last = { content, key: newKey() };
    try {
      const answer = await post<T>(path, body, { key: this.last.key, timeout: 20_000 });
      this.last = null;
      return answer;
    } catch (error) {
      if (!unsure(error)) this.last = null;
      throw error;
    }
  }
}

export class Checkout {
  private readonly placing = new Once();
  private readonly paying = new Once();

  constructor(
    private readonly showId: string | null,
    readonly lines: readonly Line[],
  ) {}

  quote(address: Address): Promise<Quote> {
    return post<Quote>("/api/quotes", { ...this.base(), address: { position: address.position } });
  }

  /** Reserves the stock. `expected` is the total that the person has seen. */
  place(address: Address, expected: number, note: string): Promise<Order> {
    const body = { ...this.base(), address, expected_total: expected, ...(note ? { note } : {}) };
    return this.placing.send<Order>("/api/orders", body);
  }

  pay(order: Order, card: CardDetails): Promise<Order> {
    return this.paying.send<Order>(`/api/orders/${order.id}/pay`, { card });
  }

  private base() {
    return { ...(this.showId ? { show_id: this.showId } : {}), lines: this.lines };
  }
}
