import { useState } from "preact/hooks";

import { ApiProblem, post } from "../core/api";
import { money } from "../core/i18n";
import type { Order } from "../core/types";
import { Button } from "../design/button";
import { Confirm } from "../design/dialog";
import { Banner, ProblemNote } from "../design/notices";
import { keepOrder, loadOrder } from "./my_orders";
import { t as order_text } from "./order_text";
import { t } from "./text";

/** Cancelling, with what it costs said before it is done. What was said is the most that it may cost: when the store
 * accepts meanwhile, the buyer is asked again with what it costs by then. */
export function Cancelling({ order }: { order: Order }) {
  /** What the open question says that it costs; null while nothing is asked. */
  const [said, setSaid] = useState<number | null>(null);
  const [dearer, setDearer] = useState(false);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  if (!order.cancellable) return null;
  const now = order.cancel_fee ?? 0;
  const fee = said ?? now;
  const owed = order.bag_total ?? order.total;

  function ask(): void {
    setError(null);
    setDearer(false);
    setSaid(now);
  }

  async function cancel(): Promise<void> {
    setBusy(true);
    setError(null);
    try {
      keepOrder(await post<Order>(`/api/orders/${order.id}/cancel`, { fee }));
      setSaid(null);
    } catch (problem) {
      const asked = feeOf(problem);
      if (asked === null) setError(problem);
      setDearer(asked !== null);
      setSaid(asked);
      await loadOrder(order.id).catch(() => undefined);
    } finally {
      setBusy(false);
    }
  }

  const amount = (value: number) => money(value, order.currency);
  const cost =
    order.status === "placed" || order.payment.cash_due > 0
      ? fee > 0
        ? order_text("cancel_costs", { fee: amount(fee), back: amount(0) })
        : order_text("cancel_unpaid")
      : fee > 0
        ? order_text("cancel_costs", { fee: amount(fee), back: amount(Math.max(0, owed - fee)) })
        : order_text("cancel_free", { amount: amount(owed) });
  return (
    <div class="stack">
      <ProblemNote error={error} />
      <Button variant="quiet" onClick={ask} data-testid="cancel-order">
        {t("cancel_order")}
        {now > 0 && <span class="muted num"> · {amount(now)}</span>}
      </Button>
      <Confirm
        open={said !== null}
        title={t("cancel_title")}
        confirmLabel={t("cancel_yes")}
        cancelLabel={t("cancel_no")}
        danger
        busy={busy}
        onConfirm={() => void cancel()}
        onClose={() => setSaid(null)}
      >
        {dearer && (
          <Banner tone="warn" alert data-testid="cancel-dearer">
            {order_text("cancel_changed")}
          </Banner>
        )}
        <p data-testid="cancel-cost" data-fee={fee}>
          {cost}
        </p>
      </Confirm>
    </div>
  );
}

/** What it costs by now, when that is why it was refused. */
function feeOf(problem: unknown): number | null {
  const fee = problem instanceof ApiProblem && problem.code === "cancel_costs" ? problem.extra.fee : null;
  return typeof fee === "number" ? fee : null;
}
