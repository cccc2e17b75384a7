/** The messages of the buyer's orders: asked for when somebody looks, kept up by the `me` topic, sent under one key until answered. */

import { signal } from "@preact/signals";

import { ApiProblem, get, newKey, post } from "../core/api";
import type { Conversation, Message } from "../core/types";
import type { Phrase } from "./phrases";

export interface Unsent {
  key: string;
  text: string;
  quick: Phrase | null;
  failed: boolean;
}

export interface Talk {
  said: readonly Message[];
  unsent: readonly Unsent[];
  /** Of the courier, and not looked at yet. */
  unread: number;
  lost: boolean;
  loaded: boolean;
}

const NOTHING: Talk = { said: [], unsent: [], unread: 0, lost: false, loaded: false };

const talks = signal<ReadonlyMap<string, Talk>>(new Map());

export const talkOf = (orderId: string): Talk => talks.value.get(orderId) ?? NOTHING;

function put(orderId: string, change: Partial<Talk>): void {
  const known = talks.peek().get(orderId) ?? NOTHING;
  talks.value = new Map(talks.peek()).set(orderId, { ...known, ...change });
}

/** By the socket; again is harmless. */
export function heard(message: Message): void {
  const { said, unread } = talks.peek().get(message.order_id) ?? NOTHING;
  if (said.some(({ id }) => id === message.id)) return;
  put(message.order_id, { said: merged(said, [message]), unread: unread + (message.author === "courier" ? 1 : 0) });
}

export function seen(orderId: string): void {
  if ((talks.peek().get(orderId)?.unread ?? 0) > 0) put(orderId, { unread: 0 });
}

export async function load(orderId: string): Promise<void> {
  try {
    const { items } = await get<Conversation>(`/api/orders/${encodeURIComponent(orderId)}/messages`);
    put(orderId, { said: merged(talks.peek().get(orderId)?.said ?? [], items), lost: false, loaded: true });
  } catch {
    put(orderId, { lost: true });
  }
}

/** Sends; what gets no answer stays there to be sent again. Throws what was refused. */
export async function say(orderId: string, text: string, quick: Phrase | null, key = newKey()): Promise<void> {
  const mine: Unsent = { key, text, quick, failed: false };
  const others = () => (talks.peek().get(orderId)?.unsent ?? []).filter((one) => one.key !== key);
  put(orderId, { unsent: [...others(), mine] });
  try {
    const body = quick === null ? { text } : { quick };
    const message = await post<Message>(`/api/orders/${encodeURIComponent(orderId)}/messages`, body, { key });
    put(orderId, { unsent: others() });
    heard(message);
  } catch (error) {
    const refused = error instanceof ApiProblem && error.status >= 400 && error.status < 500 && error.status !== 429;
    put(orderId, { unsent: refused ? others() : [...others(), { ...mine, failed: true }] });
    if (refused) throw error;
  }
}

function merged(one: readonly Message[], two: readonly Message[]): readonly Message[] {
  const all = new Map([...one, ...two].map((message) => [message.id, message]));
  return [...all.values()].sort((a, b) => a.at.localeCompare(b.at));
}
