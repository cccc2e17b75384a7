/** What the associate has earned: commission on what buyers paid for goods and kept. */

import { useEffect, useRef, useState } from "preact/hooks";
import { get } from "../../core/api";
import { money, when, words } from "../../core/i18n";
import { Button } from "../../design/button";
import { Badge } from "../../design/labels";
import { EmptyState, ErrorState } from "../../design/notices";
import { Price } from "../../design/price";
import { Skeleton } from "../../design/progress";
import { Sheet } from "../../design/sheet";
import { Choice } from "../../design/toggles";

const e = words({
  zh: {
    earnings: "我的收入",
    time: "时间",
    d_7: "近 7 天",
    d_30: "近 30 天",
    d_90: "近 90 天",
    commission: "佣金",
    sold: { one: "{n} 单，实付货款 {paid}", other: "{n} 单，实付货款 {paid}" },
    none: "这段时间还没有佣金",
    none_text: "订单完成后，佣金会记在这里；退款的部分会扣回。",
    order: "订单 {number}",
    of: "货款 {paid}",
    voided: "退款扣回",
    by_live: "直播",
    by_replay: "回看",
    by_link: "分享链接",
    by_one_to_one: "一对一",
    more: "更多",
  },
  en: {
    earnings: "My earnings",
    time: "Time",
    d_7: "7 days",
    d_30: "30 days",
    d_90: "90 days",
    commission: "Commission",
    sold: { one: "{n} order, {paid} paid for goods", other: "{n} orders, {paid} paid for goods" },
    none: "No commission in this time",
    none_text: "Commission is noted here when an order is completed; what is refunded is taken off again.",
    order: "Order {number}",
    of: "of {paid}",
    voided: "Refunded",
    by_live: "Live",
    by_replay: "After the show",
    by_link: "Shared link",
    by_one_to_one: "One to one",
    more: "More",
  },
});

const DAYS = ["7", "30", "90"] as const;

interface Entry {
  order_id: string;
  order_number: string;
  at: string;
  kind: "earned" | "voided";
  touch: "live" | "replay" | "link" | "one_to_one" | null;
  base: number;
  amount: number;
}

interface Statement {
  since: string;
  until: string;
  items: Entry[];
  sums: { orders: number; base: number; amount: number; currency: string };
  next: string | null;
}

export function EarningsButton() {
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button icon="card" onClick={() => setOpen(true)} data-testid="earnings">
        {e("earnings")}
      </Button>
      <Sheet open={open} title={e("earnings")} onClose={() => setOpen(false)} data-testid="earnings-sheet">
        {open && <Earnings />}
      </Sheet>
    </>
  );
}

function Earnings() {
  const [days, setDays] = useState<(typeof DAYS)[number]>("30");
  const [statement, setStatement] = useState<Statement | null>(null);
  const [error, setError] = useState<unknown>(null);
  const asked = useRef(0);
  const load = (until: string | null) => {
    const mine = ++asked.current;
    const last = <T,>(then: (value: T) => void) => (value: T) => {
      if (mine === asked.current) then(value);
    };
    setError(null);
    const since = until && statement ? statement.since : new Date(Date.now() - Number(days) * 86_400_000).toISOString();
    get<Statement>("/api/my/statement", { since, until }).then(
      // The sums are of the time asked for: those of the first page are of the whole.
      last((found) =>
        setStatement((old) => (until && old ? { ...old, items: [...old.items, ...found.items], next: found.next } : found)),
      ),
      last(setError),
    );
  };
  useEffect(() => {
    setStatement(null);
    load(null);
  }, [days]);
  return (
    <div class="stack">
      <Choice
        label={e("time")}
        value={days}
        options={DAYS.map((value) => ({ value, label: e(`d_${value}`) }))}
        onChange={setDays}
      />
      {error !== null && <ErrorState error={error} onRetry={() => load(null)} />}
      {statement === null && error === null && [1, 2, 3].map((row) => <Skeleton key={row} height="64px" />)}
      {statement !== null && <Lines statement={statement} onMore={load} />}
    </div>
  );
}

function Lines({ statement, onMore }: { statement: Statement; onMore: (until: string) => void }) {
  const { sums, items, next } = statement;
  if (items.length === 0) return <EmptyState icon="card" title={e("none")} text={e("none_text")} />;
  return (
    <>
      <div class="st-earned" data-testid="earned">
        <span class="muted small">{e("commission")}</span>
        <Price amount={sums.amount} currency={sums.currency} size="l" />
        <span class="muted small">{e("sold", { n: sums.orders, paid: money(sums.base, sums.currency) })}</span>
      </div>
      <ul class="st-entries">
        {items.map((entry) => (
          <li key={`${entry.order_id} ${entry.at}`} class="st-entry">
            <div>
              <p>
                {e("order", { number: entry.order_number })}
                {entry.touch && (
                  <Badge data-testid="entry-touch" data-touch={entry.touch}>
                    {e(`by_${entry.touch}`)}
                  </Badge>
                )}
                {entry.kind === "voided" && <Badge tone="warn">{e("voided")}</Badge>}
              </p>
              <p class="muted small">
                {when(entry.at)} · {e("of", { paid: money(Math.abs(entry.base), sums.currency) })}
              </p>
            </div>
            <strong class="num">{money(entry.amount, sums.currency)}</strong>
          </li>
        ))}
      </ul>
      {next && <Button onClick={() => onMore(next)}>{e("more")}</Button>}
    </>
  );
}
