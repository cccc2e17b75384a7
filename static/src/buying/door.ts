/** What the courier is to do and know at the door: remembered on this device for the buyer's next order. */

import { computed, signal } from "@preact/signals";

import { SIGNED_OUT, user } from "../core/session";
import type { Door } from "../core/types";

const KEY = "nearlive.door";
const NOTHING: Door = { leave: false, note: "" };

interface Kept {
  of: string;
  door: Door;
}

function remembered(): Kept | null {
  const text = localStorage.getItem(KEY);
  if (text === null) return null;
  try {
    return JSON.parse(text) as Kept;
  } catch {
    localStorage.removeItem(KEY);
    return null;
  }
}

const kept = signal<Kept | null>(remembered());
const me = (): string => user.value?.id ?? "";

/** Of who is signed in: a door code is nothing for the next person at this device. */
export const door = computed<Door>(() => (kept.value?.of === me() ? kept.value.door : NOTHING));

export function setDoor(change: Partial<Door>): void {
  kept.value = { of: me(), door: { ...door.value, ...change } };
}

/** It was ordered so: the next time begins with it. */
export function keepDoor(): void {
  localStorage.setItem(KEY, JSON.stringify({ of: me(), door: { ...door.value, note: door.value.note.trim() } }));
}

// Who signs out takes it along.
addEventListener(SIGNED_OUT, () => {
  localStorage.removeItem(KEY);
  kept.value = null;
});
