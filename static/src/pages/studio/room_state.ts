/** What the studio knows of its show: the server's events applied, and a tally kept for the summary. */

import { batch, computed, signal } from "@preact/signals";
import { get } from "../../core/api";
import { socket } from "../../core/socket";
import { noteServerTime } from "../../core/server_clock";
import type { Card, ChatMessage, FlashSale, PinnedCoupon, Product, Show } from "../../core/types";

export interface Sale {
  id: number;
  buyer_name: string;
  product_name: string;
  quantity: number;
}

export interface Warning {
  show_id: string;
  text: string;
  at: string;
}

export interface Tally {
  peak: number;
  pieces: number;
  orders: number;
  amount: number;
}

const CHAT_KEPT = 200;
const NO_TALLY: Tally = { peak: 0, pieces: 0, orders: 0, amount: 0 };

type Events = {
  status: Pick<Show, "status" | "signal" | "started_at" | "ended_at" | "end_reason">;
  cards: Pick<Show, "cards" | "pinned_card_id">;
  chat: ChatMessage;
  chat_deleted: { id: string };
  viewers: { count: number };
  hearts: { total: number };
  sale: Omit<Sale, "id">;
  title: Pick<Show, "title" | "cover_url">;
  flash: { card_id: string; flash: FlashSale | null };
  coupon: { coupon: PinnedCoupon | null };
};

export class RoomState {
  readonly show;
  readonly chat = signal<ChatMessage[]>([]);
  readonly sales = signal<Sale[]>([]);
  readonly warnings = signal<Warning[]>([]);
  readonly products = signal<Product[] | null>(null);
  readonly tally = signal<Tally>(NO_TALLY);
  /** The flash sale that was over last: how it went is said once. */
  readonly ended = signal<FlashSale | null>(null);
  readonly pinned = computed<Card | null>(() => {
    const { cards, pinned_card_id } = this.show.value;
    return cards.find((card) => card.id === pinned_card_id) ?? null;
  });
  private readonly stops: (() => void)[] = [];
  private sold = 0;

  constructor(show: Show) {
    this.show = signal(show);
    this.tally.value = { ...NO_TALLY, ...(JSON.parse(sessionStorage.getItem(this.kept) ?? "{}") as Partial<Tally>) };
  }

  open(): void {
    this.stops.push(
      socket.subscribe<{ show: Show; chat: ChatMessage[]; server_time: string }>(`show:${this.show.value.id}`, {
        snapshot: (data) => {
          noteServerTime(data.server_time);
          batch(() => {
            this.show.value = data.show;
            this.chat.value = [...data.chat].sort((a, b) => a.at.localeCompare(b.at));
            this.seenViewers(data.show.viewers);
          });
        },
        event: (kind, data) => this.apply(kind as keyof Events, data),
      }),
      socket.subscribe<{ warnings?: Warning[] }>("me", {
        snapshot: (data) => data.warnings?.forEach((warning) => this.warn(warning)),
        event: (kind, data) => kind === "warning" && this.warn(data),
      }),
    );
    void this.loadProducts();
  }

  close(): void {
    for (const stop of this.stops.splice(0)) stop();
  }

  async loadProducts(): Promise<void> {
    const path = `/api/stores/${this.show.value.store.id}/products`;
    try {
      this.products.value = (await get<{ items: Product[] }>(path)).items;
    } catch {
      // The shelf offers to try again.
    }
  }

  /** Takes what a route answered; the event that says the same does no harm. */
  take(show: Show): void {
    this.show.value = { ...show, viewers: this.show.value.viewers };
  }

  /** A card's flash sale as it stands; null when it is over. */
  flash(cardId: string, flash: FlashSale | null): void {
    const { cards } = this.show.value;
    this.show.value = { ...this.show.value, cards: cards.map((card) => (card.id === cardId ? { ...card, flash } : card)) };
  }

  pinCoupon(coupon: PinnedCoupon | null): void {
    this.show.value = { ...this.show.value, coupon };
  }

  acknowledge(warning: Warning): void {
    localStorage.setItem(`nearlive.warned.${warning.show_id}`, warning.at);
    this.warnings.value = this.warnings.value.filter((one) => one !== warning);
  }

  private warn(warning: Warning): void {
    if (warning.show_id !== this.show.value.id) return;
    const seen = localStorage.getItem(`nearlive.warned.${warning.show_id}`) ?? "";
    if (warning.at <= seen || this.warnings.value.some((one) => one.at === warning.at)) return;
    this.warnings.value = [...this.warnings.value, warning];
  }

  private apply<K extends keyof Events>(kind: K, data: Events[K]): void {
    const change = (part: Partial<Show>) => (this.show.value = { ...this.show.value, ...part });
    const handlers: { [P in keyof Events]: (data: Events[P]) => void } = {
      status: change,
      cards: (part) => {
        const gone = this.show.value.cards.find(({ id, flash }) => flash && part.cards.some((card) => card.id === id && !card.flash));
        if (gone?.flash) this.ended.value = gone.flash;
        change(part);
      },
      title: change,
      chat: (message) => {
        if (this.chat.value.some((one) => one.id === message.id)) return;
        this.chat.value = [...this.chat.value, message].slice(-CHAT_KEPT);
      },
      chat_deleted: ({ id }) => (this.chat.value = this.chat.value.filter((one) => one.id !== id)),
      viewers: ({ count }) => {
        change({ viewers: count });
        this.seenViewers(count);
      },
      hearts: ({ total }) => change({ hearts: total }),
      sale: (sale) => this.sell(sale),
      flash: ({ card_id, flash }) => {
        const last = this.show.value.cards.find(({ id }) => id === card_id)?.flash;
        if (!flash && last) this.ended.value = last;
        this.flash(card_id, flash);
      },
      coupon: ({ coupon }) => this.pinCoupon(coupon),
    };
    handlers[kind]?.(data);
  }

  private sell(sale: Omit<Sale, "id">): void {
    this.sold += 1;
    this.sales.value = [...this.sales.value.slice(-3), { ...sale, id: this.sold }];
    const card = this.show.value.cards.find((one) => one.product.name === sale.product_name);
    const { peak, pieces, orders, amount } = this.tally.value;
    const worth = (card?.price ?? 0) * sale.quantity;
    this.count({ peak, pieces: pieces + sale.quantity, orders: orders + 1, amount: amount + worth });
  }

  private seenViewers(count: number): void {
    if (count > this.tally.value.peak) this.count({ ...this.tally.value, peak: count });
  }

  private get kept(): string {
    return `nearlive.tally.${this.show.value.id}`;
  }

  private count(tally: Tally): void {
    this.tally.value = tally;
    sessionStorage.setItem(this.kept, JSON.stringify(tally));
  }
}
