/** A show as a viewer is in it: its state by snapshot and events, the chat, hearts, and where things can be had. */

import { computed, signal } from "@preact/signals";

import { address } from "../../buying/address";
import { ofVariant, type Supply } from "../../buying/supply";
import { get } from "../../core/api";
import { place } from "../../core/geo";
import { problemCode } from "../../core/problems";
import { noteServerTime } from "../../core/server_clock";
import { socket } from "../../core/socket";
import type { Availability, Card, ChatMessage, FlashSale, PinnedCoupon, Position, Show } from "../../core/types";
import { ChatLog } from "./chat_log";
import { tellWhoWaits, withStock } from "./supplies";

interface Snapshot {
  show: Show;
  chat: ChatMessage[];
  muted_until: string | null;
  server_time: string;
}

export interface Sale {
  buyer_name: string;
  product_name: string;
  quantity: number;
}

/** What a store can still sell of a product has changed. */
export interface Restocked {
  product_id: string;
  card_ids: string[];
  store_id: string;
  available: number;
}

type EventData = Partial<Show> &
  ChatMessage &
  Sale &
  Restocked & {
    count: number;
    total: number;
    delta: number;
    user_id: string;
    until: string | null;
    card_id: string;
    flash: FlashSale | null;
    coupon: PinnedCoupon | null;
  };

const HEARTS_EVERY = 700;
const HEARTS_MOST = 20;
const SALE_SHOWN = 4_500;
/** How long one still sees that a flash sale is over (ms). */
const OVER_SHOWN = 6_000;

export class Room {
  readonly show = signal<Show | null>(null);
  readonly error = signal<unknown>(null);
  readonly banned = signal(false);
  readonly mutedUntil = signal<string | null>(null);
  readonly sale = signal<Sale | null>(null);
  /** Hearts of others that just came, to be shown flying. */
  readonly burst = signal(0);
  readonly chat: ChatLog;
  /** Where goods would go to: the address, else where this person is. */
  readonly goal = computed<Position | null>(() => address.value?.position ?? place.value?.position ?? null);
  readonly pinned = computed<Card | null>(() => {
    const show = this.show.value;
    return show?.cards.find(({ id }) => id === show.pinned_card_id) ?? null;
  });

  private readonly supplies = signal<ReadonlyMap<string, Availability> | null>(null);
  private followed = false;
  private hearts = 0;
  private heartTimer: ReturnType<typeof setTimeout> | undefined;
  private saleTimer: ReturnType<typeof setTimeout> | undefined;
  private supplyTimer: ReturnType<typeof setTimeout> | undefined;
  private asked = 0;

  /** `known`: the show as a list had it, until what is newer comes. */
  constructor(
    readonly id: string,
    known: Show | null = null,
  ) {
    this.chat = new ChatLog(id);
    this.show.value = known;
  }

  async load(): Promise<void> {
    this.error.value = null;
    try {
      const show = await get<Show>(`/api/shows/${encodeURIComponent(this.id)}`, {}, { anonymous: true });
      // The socket's snapshot may have been quicker, and is newer.
      if (!this.followed) this.show.value = show;
    } catch (error) {
      if (!this.show.value) this.error.value = error;
    }
  }

  follow(): () => void {
    return socket.subscribe<Snapshot>(`show:${this.id}`, {
      snapshot: (data) => {
        this.followed = true;
        this.show.value = data.show;
        this.mutedUntil.value = data.muted_until;
        noteServerTime(data.server_time);
        this.chat.reset(data.chat);
      },
      event: (kind: string, data: EventData) => this.apply(kind, data),
      refused: (problem) => {
        if (problemCode(problem) === "banned") this.banned.value = true;
        else this.error.value = problem;
      },
    });
  }

  /** Where the card's product can be had from, or the best of its variants; of one of them when it is named. */
  supplyOf(card: Card, productId: string | null = null): Supply {
    if (!this.goal.value) return "no_place";
    const answer = this.supplies.value?.get(card.id);
    if (!answer) return "asking";
    return productId === null ? answer : ofVariant(answer, productId);
  }

  /** Asks where the cards can be had from; called again when the goal changes. */
  async askSupplies(): Promise<void> {
    const goal = this.goal.peek();
    if (!goal) return;
    this.asked += 1;
    const mine = this.asked;
    try {
      const { items } = await get<{ items: Availability[] }>(`/api/shows/${encodeURIComponent(this.id)}/availability`, { ...goal });
      if (mine !== this.asked) return;
      this.supplies.value = new Map(items.map((item) => [item.card_id, item]));
      tellWhoWaits(items);
    } catch {
      // Buying asks again by its quote, which says what is wrong.
    }
  }

  heart(): void {
    const show = this.show.value;
    if (!show) return;
    this.show.value = { ...show, hearts: show.hearts + 1 };
    this.hearts = Math.min(HEARTS_MOST, this.hearts + 1);
    this.heartTimer ??= setTimeout(() => {
      socket.tell({ type: "heart", show: this.id, count: this.hearts });
      this.hearts = 0;
      this.heartTimer = undefined;
    }, HEARTS_EVERY);
  }

  private change(change: Partial<Show>): void {
    if (this.show.value) this.show.value = { ...this.show.value, ...change };
  }

  private flash(cardId: string, flash: FlashSale | null): void {
    const last = this.show.value?.cards.find(({ id }) => id === cardId)?.flash;
    if (flash) this.putFlash(cardId, () => flash);
    else if (last) this.flashOver(cardId, last);
  }

  private putFlash(cardId: string, now: (card: Card) => FlashSale | null): void {
    const cards = this.show.value?.cards.map((card) => (card.id === cardId ? { ...card, flash: now(card) } : card));
    if (cards) this.change({ cards });
  }

  /** That it is over is seen for a moment before its band goes. */
  private flashOver(cardId: string, last: FlashSale): void {
    this.putFlash(cardId, () => ({ ...last, status: "ended" }));
    setTimeout(() => this.putFlash(cardId, ({ flash }) => (flash?.id === last.id && flash.status === "ended" ? null : flash)), OVER_SHOWN);
  }

  /** The cards anew; the news that a flash sale is over may come with them. */
  private recard(change: Partial<Show>): void {
    const before = this.show.value?.cards ?? [];
    this.change(change);
    for (const { id, flash } of before) {
      const now = change.cards?.find((card) => card.id === id);
      if (now && !now.flash && flash && flash.status !== "ended") this.flashOver(id, flash);
      else if (now && !now.flash && flash) this.putFlash(id, () => flash);
    }
  }

  private restocked(news: Restocked): void {
    const known = withStock(this.supplies.value, news);
    if (known) this.supplies.value = known;
    // Another store may have it, or it may be back: asking is spread over two seconds, since everybody hears of it at once.
    clearTimeout(this.supplyTimer);
    this.supplyTimer = setTimeout(() => void this.askSupplies(), 300 + Math.random() * 1_700);
  }

  private apply(kind: string, data: EventData): void {
    switch (kind) {
      case "cards":
        this.recard(data as Partial<Show>);
        break;
      case "status":
      case "title":
        this.change(data as Partial<Show>);
        break;
      case "chat":
        this.chat.add(data);
        break;
      case "chat_deleted":
        this.chat.remove(data.id);
        break;
      case "viewers":
        this.change({ viewers: data.count });
        break;
      case "hearts":
        this.change({ hearts: Math.max(data.total, this.show.value?.hearts ?? 0) });
        this.burst.value += Math.min(data.delta, HEARTS_MOST);
        break;
      case "sale":
        this.sale.value = data;
        clearTimeout(this.saleTimer);
        this.saleTimer = setTimeout(() => (this.sale.value = null), SALE_SHOWN);
        break;
      case "flash":
        this.flash(data.card_id, data.flash);
        break;
      case "coupon":
        this.change({ coupon: data.coupon });
        break;
      case "availability":
        this.restocked(data);
        break;
    }
  }
}
