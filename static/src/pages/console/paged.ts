/** A list that comes in pages. */

import { useEffect, useRef, useState } from "preact/hooks";
import { get } from "../../core/api";
import type { Page } from "../../core/types";

/** Milliseconds without a key until what was typed is looked for. */
export const SETTLED = 250;

export interface Paged<T> {
  items: T[] | null;
  error: unknown;
  more: (() => void) | null;
  reload: () => void;
  change: (edit: (items: T[]) => T[]) => void;
}

export function usePaged<T extends { id: string }>(path: string, query: Record<string, string | boolean> = {}): Paged<T> {
  const [items, setItems] = useState<T[] | null>(null);
  const [next, setNext] = useState<string | null>(null);
  const [error, setError] = useState<unknown>(null);
  const key = JSON.stringify(query);
  // An answer that comes after the list was begun anew is of another list, or old.
  const begun = useRef(0);
  const load = async (before: string | null) => {
    const mine = before === null ? ++begun.current : begun.current;
    setError(null);
    try {
      const page = await get<Page<T>>(path, { ...query, before });
      if (mine !== begun.current) return;
      setItems((old) => (before && old ? [...old, ...page.items] : page.items));
      setNext(page.next ?? null);
    } catch (failure) {
      if (mine === begun.current) setError(failure);
    }
  };
  useEffect(() => {
    setItems(null);
    void load(null);
  }, [path, key]);
  return {
    items,
    error,
    more: next === null ? null : () => void load(next),
    reload: () => void load(null),
    change: (edit) => setItems((old) => old && edit(old)),
  };
}
