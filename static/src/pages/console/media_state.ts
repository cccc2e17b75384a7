/** A show's media figures while its pane is open, and how figures are written. */

import { useEffect, useState } from "preact/hooks";
import { get } from "../../core/api";
import { locale, number } from "../../core/i18n";
import type { MediaWarning, ShowMedia } from "../../core/types_console";
import { keepAsking } from "./asking";
import { m } from "./media_text";

const EVERY = 3000;
const STALE = 12_000;

export interface MediaLook {
  media: ShowMedia | null;
  /** The figures are old: the server or the nodes do not answer. */
  stale: boolean;
}

/** Asks every three seconds while somebody looks. */
export function useMedia(show: string, wanted: boolean): MediaLook {
  const [look, setLook] = useState<MediaLook>({ media: null, stale: false });
  useEffect(() => {
    if (!wanted) return;
    let heard = Date.now();
    const told = (media: ShowMedia) => {
      heard = Date.now();
      setLook({ media, stale: false });
    };
    const failed = () => {
      // Shown as stale; the connection bar tells of the rest.
      if (Date.now() - heard > STALE) setLook((last) => ({ ...last, stale: true }));
    };
    return keepAsking(() => get<ShowMedia>(`/api/console/shows/${encodeURIComponent(show)}/media`), EVERY, told, failed);
  }, [show, wanted]);
  return look;
}

/** 1,534,000 → "1.5 Mbit/s" */
export function rate(bits: number): string {
  return bits >= 1e6 ? `${number(bits / 1e6)} Mbit/s` : `${number(Math.round(bits / 1000))} kbit/s`;
}

/** 0.0123 → "1.2%" */
export function part(value: number): string {
  return new Intl.NumberFormat(locale(), { style: "percent", maximumFractionDigits: value < 0.1 ? 1 : 0 }).format(value);
}

/** Seconds → "38 ms" or "1.2 s"; null → "–" */
export function span(seconds: number | null): string {
  if (seconds === null) return "–";
  return seconds < 1 ? `${number(Math.round(seconds * 1000))} ms` : `${number(seconds)} s`;
}

export function warningText(warning: MediaWarning): string {
  const { code, value } = warning;
  if (code === "publisher_far" || code === "first_frame_slow") return m(`w_${code}`, { value: span(value) });
  if (code === "low_bitrate") return m(`w_${code}`, { value: rate(value) });
  return m(`w_${code}`, { value: part(value) });
}
