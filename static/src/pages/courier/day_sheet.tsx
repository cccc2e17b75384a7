/** The day so far: what was done and earned, hour by hour. */

import { useEffect, useState } from "preact/hooks";
import { get } from "../../core/api";
import { clock, compact, distance, money, when } from "../../core/i18n";
import type { CourierState } from "../../core/types";
import { Sheet } from "../../design/sheet";
import { t } from "./text";

interface DaySheetProps {
  open: boolean;
  state: CourierState;
  onClose: () => void;
}

export function DaySheet({ open, state, onClose }: DaySheetProps) {
  const { today, shift } = state;
  return (
    <Sheet open={open} title={t("today")} closeLabel={t("close")} onClose={onClose} wide="middle" data-testid="day">
      {/* It scrolls and has nothing to stop at: the keyboard stops at the whole. */}
      <div class="stack" tabIndex={0} role="region" aria-label={t("today")}>
        <dl class="co-figures">
          <Figure name={t("earnings")} value={money(today.earnings)} />
          <Figure name={t("delivered")} value={compact(today.delivered)} />
          <Figure name={t("online_time")} value={hours(today.online_s)} />
          <Figure name={t("ridden")} value={distance(today.distance_m)} />
          {today.delivered > 0 && <Figure name={t("per_order")} value={money(Math.round(today.earnings / today.delivered))} />}
          {today.online_s >= 600 && <Figure name={t("per_hour")} value={money(Math.round((today.earnings * 3600) / today.online_s))} />}
        </dl>
        {shift && (
          <p class="muted num">
            {t("shift")} {when(shift.starts_at)}–{clock(shift.ends_at)}
          </p>
        )}
        {today.hours.length > 0 ? <Hours state={state} /> : <p class="muted">{t("nothing_yet")}</p>}
        <Week />
      </div>
    </Sheet>
  );
}

function Figure({ name, value }: { name: string; value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd class="num">{value}</dd>
    </div>
  );
}

function Hours({ state }: { state: CourierState }) {
  const rows = state.today.hours.map((hour) => ({ ...hour, name: `${String(hour.hour).padStart(2, "0")}:00` }));
  return <Bars title={t("by_hour")} head={t("hour")} rows={rows} />;
}

interface Day {
  day: string;
  delivered: number;
  earnings: number;
}

/** The days before; nothing where they cannot be asked for. */
function Week() {
  const [days, setDays] = useState<Day[]>([]);
  useEffect(() => {
    get<{ items: Day[] }>("/api/courier/days").then(
      ({ items }) => setDays(items),
      () => setDays([]),
    );
  }, []);
  if (!days.some((one) => one.delivered > 0)) return null;
  const rows = days.map((one) => ({ ...one, name: one.day.slice(5).replace("-", "/") })).reverse();
  return <Bars title={t("by_day")} head={t("day")} rows={rows} />;
}

interface BarsProps {
  title: string;
  head: string;
  rows: readonly { name: string; delivered: number; earnings: number }[];
}

function Bars({ title, head, rows }: BarsProps) {
  const most = Math.max(1, ...rows.map((row) => row.earnings));
  return (
    <table class="co-bars">
      <caption>{title}</caption>
      <thead class="sr-only">
        <tr>
          <th scope="col">{head}</th>
          <th scope="col">{t("delivered")}</th>
          <th scope="col">{t("earned_col")}</th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={row.name}>
            <th scope="row" class="num">
              {row.name}
            </th>
            <td class="num">{t("n_orders", { n: row.delivered })}</td>
            <td class="num">
              <span class="co-bars__bar">
                <progress max={most} value={row.earnings} aria-hidden="true" />
                <span>{money(row.earnings)}</span>
              </span>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function hours(seconds: number): string {
  const minutes = Math.floor(seconds / 60);
  return minutes < 60 ? t("n_minutes", { n: minutes }) : t("n_hours", { n: Math.floor(minutes / 60), m: minutes % 60 });
}
