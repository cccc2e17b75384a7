/** What is on: loaded again while the page is looked at, and when the place changes. */

import { signal } from "@preact/signals";

import { get } from "../../core/api";
import { place } from "../../core/geo";
import type { Show, Store } from "../../core/types";

export interface Listing {
  live: Show[];
  upcoming: Show[];
}

const EVERY = 8_000;

export const listing = signal<Listing | null>(null);
export const failure = signal<unknown>(null);
export const stores = signal<readonly Store[]>([]);
/** Changes with each round: stills are asked for anew. */
export const round = signal(0);

let asked = 0;

export async function refresh(): Promise<void> {
  asked += 1;
  const mine = asked;
  try {
    const fresh = await get<Listing>("/api/shows", { ...place.peek()?.position }, { anonymous: true });
    if (mine !== asked) return;
    listing.value = fresh;
    failure.value = null;
    round.value += 1;
  } catch (error) {
    if (mine === asked) failure.value = error;
  }
}

export async function loadStores(): Promise<void> {
  try {
    stores.value = (await get<{ items: Store[] }>("/api/stores", {}, { anonymous: true })).items;
  } catch {
    // Stores only help to find one's way on the map.
  }
}

/** Keeps the list fresh while the page is visible. */
export function keepFresh(): () => void {
  const timer = setInterval(() => {
    if (!document.hidden) void refresh();
  }, EVERY);
  const back = () => {
    if (!document.hidden) void refresh();
  };
  document.addEventListener("visibilitychange", back);
  return () => {
    clearInterval(timer);
    document.removeEventListener("visibilitychange", back);
  };
}
