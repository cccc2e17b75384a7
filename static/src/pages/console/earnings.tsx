/** What associates have earned: commission on what buyers paid for goods and kept. */

import { useEffect, useRef, useState } from "preact/hooks";
import { get, save } from "../../core/api";
import { money, number } from "../../core/i18n";
import { Button } from "../../design/button";
import { EmptyState, ErrorState } from "../../design/notices";
import { Skeleton } from "../../design/progress";
import { Choice } from "../../design/toggles";
import { g } from "./earnings_text";

const DAYS = ["7", "30", "90"] as const;
type Days = (typeof DAYS)[number];
/** As many as the route gives at once. */
const MOST = 200;

interface Earned {
  associate_id: string;
  name: string;
  orders: number;
  base: number;
  amount: number;
  currency: string;
}

interface EarnedList {
  since: string;
  until: string;
  items: Earned[];
}

export function AssociateEarnings() {
  const [days, setDays] = useState<Days>("30");
  const [list, setList] = useState<EarnedList | null>(null);
  const [error, setError] = useState<unknown>(null);
  const asked = useRef(0);
  const load = () => {
    const mine = ++asked.current;
    setList(null);
    setError(null);
    const since = new Date(Date.now() - Number(days) * 86_400_000).toISOString();
    get<EarnedList>("/api/console/earnings", { since, limit: MOST }).then(
      (found) => mine === asked.current && setList(found),
      (failure: unknown) => mine === asked.current && setError(failure),
    );
  };
  useEffect(load, [days]);
  const any = list !== null && list.items.length > 0;
  return (
    <section class="cs-list" aria-label={g("title")}>
      <header class="cs-shows__head">
        <h1>{g("title")}</h1>
        <div class="cs-earned__tools">
          <Choice label={g("time")} value={days} options={DAYS.map((value) => ({ value, label: g(`d_${value}`) }))} onChange={setDays} />
          <Button disabled={!any} onClick={() => list && save(csv(list), `commission-${days}-days.csv`)} data-testid="earnings-csv">
            {g("csv")}
          </Button>
        </div>
      </header>
      <p class="muted">{g("intro")}</p>
      {error !== null && <ErrorState error={error} onRetry={load} />}
      {list === null && error === null && <Skeleton height="220px" />}
      {list?.items.length === 0 && <EmptyState icon="users" title={g("none")} text={g("none_text")} />}
      {any && <EarnedTable items={list.items} />}
      {any && list.items.length === MOST && <p class="muted small">{g("most", { n: MOST })}</p>}
    </section>
  );
}

function EarnedTable({ items }: { items: Earned[] }) {
  const sum = (of: (one: Earned) => number) => items.reduce((total, one) => total + of(one), 0);
  const currency = items[0]?.currency;
  return (
    <div class="cs-earned">
      <table data-testid="earnings-table">
        <thead>
          <tr>
            <th scope="col">{g("associate")}</th>
            <th scope="col">{g("orders")}</th>
            <th scope="col">{g("base")}</th>
            <th scope="col">{g("commission")}</th>
          </tr>
        </thead>
        <tbody>
          {items.map((one) => (
            <tr key={one.associate_id} data-testid={`earned-${one.associate_id}`}>
              <th scope="row">{one.name || g("unnamed")}</th>
              <td class="num">{number(one.orders)}</td>
              <td class="num">{money(one.base, one.currency)}</td>
              <td class="num">{money(one.amount, one.currency)}</td>
            </tr>
          ))}
        </tbody>
        {items.length > 1 && (
          <tfoot>
            <tr>
              <th scope="row">{g("sum")}</th>
              <td class="num">{number(sum((one) => one.orders))}</td>
              <td class="num">{money(sum((one) => one.base), currency)}</td>
              <td class="num">{money(sum((one) => one.amount), currency)}</td>
            </tr>
          </tfoot>
        )}
      </table>
    </div>
  );
}

/** With a byte order mark, as spreadsheet programs want it; names are the same in every language, money has two digits. */
function csv({ since, until, items }: EarnedList): Blob {
  const rows = items.map((one) => {
    const sums = [String(one.orders), (one.base / 100).toFixed(2), (one.amount / 100).toFixed(2)];
    return [one.associate_id, cell(one.name), ...sums, one.currency, since, until];
  });
  const head = ["associate_id", "name", "orders", "goods_paid", "commission", "currency", "since", "until"];
  return new Blob(["\ufeff", [head, ...rows].map((row) => `${row.join(",")}\r\n`).join("")], { type: "text/csv" });
}

/** Quoted; a name that begins like a formula is not one (it is what somebody typed). */
function cell(text: string): string {
  const plain = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return `"${plain.replaceAll('"', '""')}"`;
}
