/** How a day's plan stands against the orders of the same day last week. */

import { clock, number } from "../../core/i18n";
import { HOUR, shortages, type CoverHour } from "./shifts_plan";
import { s } from "./shifts_text";

const HIGH = 32;

/** A bar for each hour's couriers, a line where they were needed; drawn only, the words are beside it. */
export function CoverBars({ hours }: { hours: readonly CoverHour[] }) {
  const most = Math.max(1, ...hours.map(({ planned, needed }) => Math.max(planned, needed)));
  const up = (couriers: number) => (couriers / most) * HIGH;
  return (
    <svg class="cs-cover" viewBox={`0 0 ${hours.length * 5} ${HIGH + 2}`} preserveAspectRatio="none" aria-hidden="true">
      {hours.map(({ at, planned, needed }, index) => (
        <g key={at} data-short={planned < needed ? "yes" : undefined}>
          <rect class="cs-cover__bar" x={index * 5 + 0.5} width={4} y={HIGH + 1 - up(planned)} height={up(planned)} />
          {needed > 0 && <rect class="cs-cover__need" x={index * 5} width={5} y={HIGH - up(needed)} height={1.6} />}
        </g>
      ))}
      <rect class="cs-cover__ground" x={0} width={hours.length * 5} y={HIGH + 1} height={1} />
    </svg>
  );
}

interface CoverTextProps {
  hours: readonly CoverHour[];
  /** Now: what is over needs nobody any more. */
  at: number;
  known: boolean;
  all?: boolean;
}

/** The worst stretch that is still to come, in words, or each of them. */
export function CoverText({ hours, at, known, all }: CoverTextProps) {
  const ahead = hours.filter((one) => one.at + HOUR > at);
  if (!known || ahead.length === 0) return null;
  if (!hours.some(({ orders }) => orders > 0)) return <p class="muted small">{s("cover_none")}</p>;
  const short = shortages(ahead).sort((a, b) => b.needed - b.planned - (a.needed - a.planned));
  if (short.length === 0) return <p class="cs-cover__ok small">{s("cover_ok")}</p>;
  const shown = all ? short : short.slice(0, 1);
  return (
    <p class="cs-cover__short small num" data-testid="cover-short">
      {shown.map((one) => (
        <span key={one.from}>{s("cover_short", { from: clock(one.from), to: clock(one.to), planned: number(one.planned), needed: one.needed })}</span>
      ))}
      {short.length > shown.length && <span class="muted">{s("cover_more", { n: short.length - shown.length })}</span>}
    </p>
  );
}
