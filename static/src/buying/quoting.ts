/** A signed quote that stays fresh: asked for anew before it ends and when what it is about has changed, quietly. */

import { useEffect, useRef, useState } from "preact/hooks";

import { serverNow } from "../core/server_clock";
import type { Address, SignedQuote } from "../core/types";
import { askQuote, type Wanted } from "./checkout";

/** How long before its end (ms) a quote is replaced. */
const EARLY = 15_000;
/** Never more often than this (ms), whatever the clocks say. */
const LEAST = 5_000;

export interface Quoting {
  quote: SignedQuote | null;
  error: unknown;
  busy: boolean;
  /** The total has changed under the person's eyes: from what they saw last. */
  changed: { from: number; to: number } | null;
  refresh: () => Promise<SignedQuote | null>;
  /** The person has seen the new total. */
  accept: () => void;
}

/** `active`: somebody is looking at it. `price` is anything whose change makes a new quote worth asking for. */
export function useQuoting(wanted: Wanted, address: Address | null, active: boolean, price: unknown): Quoting {
  const [quote, setQuote] = useState<SignedQuote | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const [changed, setChanged] = useState<Quoting["changed"]>(null);
  const asked = useRef(0);
  const seen = useRef<{ content: string; total: number } | null>(null);
  const content = JSON.stringify([wanted, address?.position]);

  async function refresh(): Promise<SignedQuote | null> {
    if (!address) return null;
    asked.current += 1;
    const mine = asked.current;
    setBusy(true);
    try {
      const fresh = await askQuote(wanted, address);
      if (mine !== asked.current) return fresh;
      const before = seen.current;
      // Another quantity or coupon has another price, which is no news.
      if (before?.content === content && before.total !== fresh.total) {
        setChanged((last) => ({ from: last?.from ?? before.total, to: fresh.total }));
      } else if (before?.content !== content) setChanged(null);
      seen.current = { content, total: fresh.total };
      setQuote(fresh);
      setError(null);
      return fresh;
    } catch (problem) {
      if (mine === asked.current) {
        setError(problem);
        setQuote(null);
      }
      return null;
    } finally {
      if (mine === asked.current) setBusy(false);
    }
  }

  useEffect(() => {
    if (!active) return;
    setError(null);
    if (seen.current?.content !== content) setQuote(null);
    void refresh();
  }, [active, content, price]);

  const until = quote?.valid_until ?? null;
  useEffect(() => {
    if (!active || until === null) return undefined;
    const timer = setTimeout(() => void refresh(), Math.max(LEAST, Date.parse(until) - serverNow() - EARLY));
    return () => clearTimeout(timer);
  }, [active, until, content]);

  return { quote, error, busy, changed, refresh, accept: () => setChanged(null) };
}
