/** A show as a viewer is in it: its state by snapshot and events, the chat, hearts, and where things can be had. */

import { computed, signal } from "@preact/signals";

import { address } from "../../buying/address";
import type { Supply } from "../../buying/choose_step";
import { get } from "../../core/api";
import { place } from "../../core/geo";
import { problemCode } from "../../core/problems";
import { socket } from "../../core/socket";
import type { Availability, Card, ChatMessage, Position, Show } from "../../core/types";
import { ChatLog } from "./chat_log";

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

type EventData = Partial<Show> &
  ChatMessage & Sale & { count: number; total: number; delta: number; user_id: string; until: string | null };

const HEARTS_EVERY = 700;
const HEARTS_MOST = 20;
const SALE_SHOWN = 4_500;

export class Room {
  readonly show = signal<Show | null>(null);
  readonly error = signal<unknown>(null);
  readonly banned = signal(false);
  readonly mutedUntil = signal<string | null>(null);
  readonly sale = signal<Sale | null>(null);
  /** Hearts of others that just came, to be shown flying. */
  readonly burst = signal(0);
  readonly chat: ChatLog;
  /** The server's clock minus ours, ms. */
  readonly clockOffset = signal(0);
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
        this.clockOffset.value = new Date(data.server_time).getTime() - Date.now();
        this.chat.reset(data.chat);
      },
      event: (kind: string, data: EventData) => this.apply(kind, data),
      refused: (problem) => {
        if (problemCode(problem) === "banned") this.banned.value = true;
        else this.error.value = problem;
      },
    });
  }

  supplyOf(card: Card): Supply {
    if (!this.goal.value) return "no_place";
    return this.supplies.value?.get(card.id) ?? "asking";
  }

  /** Asks where the cards can be had from; called again when the goal changes. */
  async askSupplies(): Promise<void> {
    const goal = this.goal.peek();
    if (!goal) return;
    this.asked += 1;
    const mine = this.asked;
    try {
      const { items } = await get<{ items: Availability[] }>(`/api/shows/${encodeURIComponent(this.id)}/availability`, { ...goal });
      if (mine === this.asked) this.supplies.value = new Map(items.map((item) => [item.card_id, item]));
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

  private apply(kind: string, data: EventData): void {
    switch (kind) {
      case "status":
      case "cards":
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
      case "availability":
        // Everybody hears of a sold out product at once; asking is spread over two seconds.
        clearTimeout(this.supplyTimer);
        this.supplyTimer = setTimeout(() => void this.askSupplies(), 300 + Math.random() * 1_700);
        break;
    }
  }
}
