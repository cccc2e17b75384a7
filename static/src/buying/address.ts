/** The delivery address: kept on this device only. */

import { signal } from "@preact/signals";

import type { Address } from "../core/types";

const KEY = "nearlive.address";

function remembered(): Address | null {
  const text = localStorage.getItem(KEY);
  if (text === null) return null;
  try {
    return JSON.parse(text) as Address;
  } catch {
    localStorage.removeItem(KEY);
    return null;
  }
}

export const address = signal<Address | null>(remembered());

export function keepAddress(next: Address): void {
  address.value = next;
  localStorage.setItem(KEY, JSON.stringify(next));
}
