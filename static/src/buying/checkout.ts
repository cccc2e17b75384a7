/**
 * One purchase: from products to placed orders. Placing carries an Idempotency-Key, made once per intention: the same key goes
 * out again when the answer was lost, a new one when the server has said no or the content has changed.
 */

import { newKey, post, ApiProblem } from "../core/api";
import type { Address, Door, Line, Order, SignedQuote } from "../core/types";
import type { CouponChoice } from "./coupon_step";

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

export class Once {
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

/** What somebody wants: everything that a quote depends on. */
export interface Wanted {
  showId: string | null;
  lines: readonly Line[];
  coupons: CouponChoice;
  /** Agreed to several deliveries from several stores. */
  split: boolean;
}

export function askQuote(wanted: Wanted, address: Address): Promise<SignedQuote> {
  return post<SignedQuote>("/api/quotes", {
    ...(wanted.showId ? { show_id: wanted.showId } : {}),
    lines: wanted.lines,
    address: { position: address.position },
    ...(wanted.coupons === "auto" ? {} : { coupons: wanted.coupons }),
    ...(wanted.split ? { split: true } : {}),
  });
}

export class Placing {
  private readonly once = new Once();

  /** Reserves everything at the quote's price: an order, or several that several stores make up. */
  async place(quote: SignedQuote, address: Address, note: string, door: Door): Promise<Order[]> {
    const said = door.note.trim();
    const wishes = { ...(door.leave ? { leave: true } : {}), ...(said ? { note: said } : {}) };
    const body = { quote: quote.token, address, ...(note ? { note } : {}), ...(Object.keys(wishes).length > 0 ? { door: wishes } : {}) };
    const { orders } = await this.once.send<{ orders: Order[] }>("/api/orders", body);
    return orders;
  }
}
