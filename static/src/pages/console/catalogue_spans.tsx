/** The opening hours of a day: several spans, past midnight, all day, or none. */

import { Button, IconButton } from "../../design/button";
import { Choice } from "../../design/toggles";
import { e } from "./catalogue_edit_text";
import { c } from "./catalogue_text";

const SPAN = /^([01]\d|2[0-3]):[0-5]\d-(([01]\d|2[0-3]):[0-5]\d|24:00)$/;
export const WHOLE = "00:00-24:00";
const USUAL = "09:00-21:00";
const MOST = 10;
const DAY = 24 * 60;

function minutes(time: string): number {
  return Number(time.slice(0, 2)) * 60 + Number(time.slice(3));
}

/** From and to, in minutes after midnight; after 1440 is the day after. */
function range(span: string): [number, number] {
  const [from = "", to = ""] = span.split("-");
  const [opens, closes] = [minutes(from), minutes(to)];
  return [opens, closes > opens ? closes : closes + DAY];
}

export function isNextDay(span: string): boolean {
  return SPAN.test(span) && !span.endsWith("-24:00") && range(span)[1] > DAY;
}

/** What is wrong with a day's spans, null if nothing is. */
export function spansFault(spans: readonly string[]): string | null {
  if (!spans.every((span) => SPAN.test(span))) return e("bad_span");
  const ranges = spans.map(range).sort(([one], [other]) => one - other);
  return ranges.some(([, closes], at) => closes > (ranges[at + 1]?.[0] ?? Infinity)) ? e("overlaps") : null;
}

/** "09:00–14:00, 17:00–02:00 (next day)" */
export function spansText(spans: readonly string[]): string {
  if (spans.length === 0) return c("day_closed");
  return spans.map((span) => (span === WHOLE ? c("all_day") : span.replace("-", "–") + (isNextDay(span) ? ` (${e("next_day")})` : ""))).join(", ");
}

interface SpanListProps {
  /** Whose hours, for screen readers. */
  name: string;
  spans: string[];
  error?: string | null | undefined;
  onSpans: (spans: string[]) => void;
  testId?: string;
}

export function SpanList({ name, spans, error, onSpans, testId }: SpanListProps) {
  const kind = spans.length === 0 ? "shut" : spans.length === 1 && spans[0] === WHOLE ? "all_day" : "by_spans";
  const change = (at: number, from: string, to: string) => {
    // Midnight at the end of a span is the end of the day.
    const until = to === "00:00" ? "24:00" : to;
    onSpans(spans.map((one, place) => (place === at ? `${from}-${until}` : one)));
  };
  return (
    <div class="ct-spans" data-testid={testId}>
      <Choice
        label={`${name}: ${e("hours")}`}
        value={kind}
        options={(["by_spans", "all_day", "shut"] as const).map((value) => ({ value, label: e(value) }))}
        onChange={(next) => onSpans(next === "shut" ? [] : next === "all_day" ? [WHOLE] : [USUAL])}
      />
      {kind === "by_spans" && (
        <ul>
          {spans.map((span, at) => {
            const [from = "", to = ""] = span.split("-");
            const label = e("span_n", { day: name, n: at + 1 });
            return (
              <li key={at} class="ct-span">
                <input
                  class="ct-time num"
                  type="time"
                  aria-label={`${label}, ${e("opens")}`}
                  aria-invalid={error ? "true" : undefined}
                  value={from}
                  onInput={(event) => change(at, event.currentTarget.value, to)}
                />
                <span aria-hidden="true">–</span>
                <input
                  class="ct-time num"
                  type="time"
                  aria-label={`${label}, ${e("closes")}`}
                  aria-invalid={error ? "true" : undefined}
                  value={to === "24:00" ? "00:00" : to}
                  onInput={(event) => change(at, from, event.currentTarget.value)}
                />
                <span class="muted small ct-span__note">{to === "24:00" ? e("midnight") : isNextDay(span) ? e("next_day") : ""}</span>
                <IconButton
                  icon="trash"
                  size={20}
                  label={`${c("remove")}: ${label}`}
                  onClick={() => onSpans(spans.filter((_, place) => place !== at))}
                />
              </li>
            );
          })}
        </ul>
      )}
      {error && (
        <p class="ct-fault small" role="alert">
          {error}
        </p>
      )}
      {kind === "by_spans" && spans.length < MOST && (
        <Button size="s" icon="plus" onClick={() => onSpans([...spans, nextSpan(spans)])} data-testid="span-add">
          {e("add_span")}
        </Button>
      )}
    </div>
  );
}

/** After the last one, as a shop does that shuts for a while in the afternoon. */
function nextSpan(spans: readonly string[]): string {
  const closes = Math.max(...spans.map((span) => (SPAN.test(span) ? range(span)[1] : 0)));
  if (closes + 60 >= DAY) return "-";
  const time = (at: number) => `${String(Math.floor(at / 60)).padStart(2, "0")}:${String(at % 60).padStart(2, "0")}`;
  return `${time(closes + 60)}-${closes + 240 >= DAY ? "24:00" : time(closes + 240)}`;
}
