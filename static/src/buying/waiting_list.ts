/** What somebody waits for: remembered on this machine, told while a page of ours is open. */

import { signal } from "@preact/signals";

import { toast } from "../design/toast";
import { t } from "./offer_text";

const KEY = "nearlive.waiting";
const MOST = 50;

function remembered(): ReadonlyMap<string, string> {
  try {
    return new Map(JSON.parse(localStorage.getItem(KEY) ?? "[]") as [string, string][]);
  } catch {
    return new Map();
  }
}

/** Names by product. */
export const waiting = signal<ReadonlyMap<string, string>>(remembered());

function keep(next: ReadonlyMap<string, string>): void {
  waiting.value = next;
  localStorage.setItem(KEY, JSON.stringify([...next].slice(-MOST)));
}

export function waitFor(productId: string, name: string): void {
  keep(new Map(waiting.value).set(productId, name));
}

export function waitNoMore(productId: string): void {
  const next = new Map(waiting.value);
  if (next.delete(productId)) keep(next);
}

/** This can be had again: say so to who waits for it. */
export function isBack(productId: string): void {
  const name = waiting.value.get(productId);
  if (name === undefined) return;
  waitNoMore(productId);
  toast(t("is_back", { product: name }), "good", 8_000);
}
