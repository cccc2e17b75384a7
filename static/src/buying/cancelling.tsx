import { useState } from "preact/hooks";

import { post } from "../core/api";
import { money } from "../core/i18n";
import type { Order } from "../core/types";
import { Button } from "../design/button";
import { Confirm } from "../design/dialog";
import { ProblemNote } from "../design/notices";
import { keepOrder, loadOrder } from "./my_orders";
import { t as order_text } from "./order_text";
import { t } from "./text";

/** Cancelling, with what it costs said before it is done. */
export function Cancelling({ order }: { order: Order }) {
  const [asking, setAsking] = useState(false);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  if (!order.cancellable) return null;
  const fee = order.cancel_fee ?? 0;
  const owed = order.bag_total ?? order.total;

  async function cancel(): Promise<void> {
    setBusy(true);
    setError(null);
    try {
      keepOrder(await post<Order>(`/api/orders/${order.id}/cancel`, {}));
    } catch (problem) {
      setError(problem);
      await loadOrder(order.id).catch(() => undefined);
    } finally {
      setBusy(false);
      setAsking(false);
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
      <Button variant="quiet" onClick={() => setAsking(true)} data-testid="cancel-order">
        {t("cancel_order")}
        {fee > 0 && <span class="muted num"> · {amount(fee)}</span>}
      </Button>
      <Confirm
        open={asking}
        title={t("cancel_title")}
        confirmLabel={t("cancel_yes")}
        cancelLabel={t("cancel_no")}
        danger
        busy={busy}
        onConfirm={() => void cancel()}
        onClose={() => setAsking(false)}
      >
        <p data-testid="cancel-cost" data-fee={fee}>
          {cost}
        </p>
      </Confirm>
    </div>
  );
}
