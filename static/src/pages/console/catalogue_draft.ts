/** What somebody has changed of a thing that others may change at the same time. */

export function same(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

/** The members that differ. */
export function changed<T extends object>(base: T, draft: T): (keyof T & string)[] {
  return (Object.keys(draft) as (keyof T & string)[]).filter((key) => !same(base[key], draft[key]));
}

/**
 * What was changed, put on top of what it has become meanwhile. `clashes`: what both have changed, and differently; there the
 * draft's word stands.
 */
export function rebased<T extends object>(base: T, draft: T, latest: T): { draft: T; clashes: (keyof T & string)[] } {
  const mine = changed(base, draft);
  const theirs = changed(base, latest);
  const kept = Object.fromEntries(mine.map((key) => [key, draft[key]])) as Partial<T>;
  const clashes = mine.filter((key) => theirs.includes(key) && !same(draft[key], latest[key]));
  return { draft: { ...latest, ...kept }, clashes };
}

/** "Bund Store" → "bund-store"; what has no Latin letters gets some letters by chance. */
export function keyFor(name: string, fallback: string): string {
  const key = name
    .normalize("NFKD")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "")
    .slice(0, 40);
  return key.length >= 2 ? key : fallback;
}

export function chanceKey(prefix: string): string {
  const figures = crypto.getRandomValues(new Uint8Array(3));
  return `${prefix}-${Array.from(figures, (one) => one.toString(16).padStart(2, "0")).join("")}`;
}

export const KEY = /^[a-z0-9][a-z0-9_-]{0,59}$/;
