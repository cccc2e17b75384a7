import { useEffect, useState } from "preact/hooks";

import { loadOrders, orders } from "../buying/my_orders";
import { statusText, toneOf } from "../buying/progress";
import { money, when } from "../core/i18n";
import { user } from "../core/session";
import type { Order } from "../core/types";
import { Button } from "../design/button";
import { StatusPill } from "../design/labels";
import { EmptyState, ErrorState } from "../design/notices";
import { Skeleton } from "../design/progress";
import { Sheet } from "../design/sheet";
import { t } from "./text";
import "./site.css";

/** This person's orders, newest first. */
export function OrdersSheet({ open, onClose }: { open: boolean; onClose: () => void }) {
  return (
    <Sheet open={open} onClose={onClose} title={t("orders")} data-testid="orders-sheet">
      <Orders />
    </Sheet>
  );
}

function Orders() {
  const [loaded, setLoaded] = useState(user.value === null);
  const [next, setNext] = useState<string | null>(null);
  const [error, setError] = useState<unknown>(null);

  async function load(before: string | null): Promise<void> {
    setError(null);
    try {
      setNext((await loadOrders(before)).next);
      setLoaded(true);
    } catch (problem) {
      setError(problem);
    }
  }

  useEffect(() => {
    if (user.value !== null) void load(null);
  }, []);

  if (error !== null) return <ErrorState error={error} onRetry={() => void load(null)} />;
  if (!loaded) {
    return (
      <div class="stack" aria-busy="true">
        <Skeleton height="88px" />
        <Skeleton height="88px" />
        <Skeleton height="88px" />
      </div>
    );
  }
  const all = [...orders.value.values()].sort((a, b) => b.placed_at.localeCompare(a.placed_at));
  if (all.length === 0) return <EmptyState icon="receipt" title={t("orders_empty")} text={t("orders_empty_text")} />;
  return (
    <div class="n-list">
      {all.map((order) => (
        <OrderRow key={order.id} order={order} />
      ))}
      {next !== null && (
        <Button wide onClick={() => void load(next)}>
          {t("more")}
        </Button>
      )}
    </div>
  );
}

function OrderRow({ order }: { order: Order }) {
  const [first] = order.lines;
  return (
    <a class="n-row n-row--active order-row" href={`/orders/${order.id}`} data-testid="order-row">
      {first?.image_url ? <img class="order-row__image" src={first.image_url} alt="" width={64} height={64} /> : <span class="order-row__image" />}
      <span class="n-row__text">
        <span class="n-row__title truncate">{order.lines.map(({ name }) => name).join("、")}</span>
        <span class="n-row__note num">
          {order.number} · {when(order.placed_at)} · {money(order.total, order.currency)}
        </span>
        <span>
          <StatusPill tone={toneOf(order)}>{statusText(order)}</StatusPill>
        </span>
      </span>
    </a>
  );
}
