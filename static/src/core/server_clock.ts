/** The server's clock: what counts down goes by it, whatever this machine's own says. */

import { signal } from "@preact/signals";
import { useEffect, useState } from "preact/hooks";

/** The server's clock minus ours, ms. */
const offset = signal(0);

/** The server says what time it is. */
export function noteServerTime(at: string): void {
  const told = Date.parse(at);
  if (!Number.isNaN(told)) offset.value = told - Date.now();
}

/** Milliseconds since the epoch, as the server counts them. */
export function serverNow(): number {
  return Date.now() + offset.value;
}

/**
 * Milliseconds left until a time of the server's (ms since the epoch), 0 when it has come or there is none. Draws again at each
 * whole second that is left, so that all who count down to one moment change together.
 */
export function useTimeLeft(until: number | null): number {
  const [, draw] = useState(0);
  const left = until === null ? 0 : Math.max(0, until - serverNow());
  useEffect(() => {
    if (until === null || left <= 0) return undefined;
    const timer = setTimeout(() => draw((count) => count + 1), (left % 1000) + 20);
    return () => clearTimeout(timer);
  });
  return left;
}
