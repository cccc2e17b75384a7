import { money } from "../core/i18n";
import type { Order } from "../core/types";
import { Sums } from "../design/rows";
import { t } from "./order_text";
import { t as buying } from "./text";

/** What became of the money: held, paid, given back, still to be given at the door. */
export function MoneyRows({ order }: { order: Order }) {
  const { payment, currency } = order;
  const amount = (value: number) => money(value, currency);
  const fee = order.fee ?? 0;
  const owed = order.bag_total ?? order.total;
  const rows = [
    payment.cash_due > 0 && { id: "cash", label: t("money_cash"), value: amount(payment.cash_due) },
    payment.status === "authorised" && payment.cash_due === 0 && { id: "held", label: t("money_held"), value: amount(owed) },
    payment.captured > 0 && { id: "paid", label: t("money_paid"), value: amount(payment.captured) },
    fee > 0 && { id: "fee", label: t(order.back ? "back_fee" : "money_fee"), value: amount(fee) },
    payment.refunded > 0 && {
      id: "refunded",
      label: t("money_refunded"),
      value: <span class="buy-less" data-testid="row-refunded">−{amount(payment.refunded)}</span>,
    },
  ].filter((row) => row !== false);
  if (rows.length === 0) return null;
  return (
    <div class="stack order-money" data-testid="money">
      <Sums rows={rows} />
      {payment.refunded > 0 && <p class="muted small">{t("refund_on_way")}</p>}
      {payment.card_last4 && (
        <p class="muted small num">
          {buying("paid_with")} {buying("card_ending", { last4: payment.card_last4 })}
        </p>
      )}
    </div>
  );
}

/** What is in the bag, where that is not what was ordered. */
export function BagRows({ order }: { order: Order }) {
  const bag = order.bag ?? [];
  const ordered = new Map(order.lines.map(({ product_id, quantity }) => [product_id, quantity]));
  const same = bag.length === order.lines.length && bag.every((line) => line.instead_of === null && ordered.get(line.product_id) === line.quantity);
  if (same || bag.length === 0) return null;
  return (
    <section class="order__part" data-testid="bag">
      <h2>{t("bag")}</h2>
      <Sums
        rows={[
          ...bag.map((line) => ({
            id: line.product_id,
            label: (
              <>
                {line.quantity} × {line.name} {line.instead_of !== null && <span class="muted small">({t("bag_instead")})</span>}
              </>
            ),
            value: money(line.charge, order.currency),
          })),
          { id: "fee", label: buying("delivery_fee"), value: order.delivery_fee === 0 ? buying("free") : money(order.delivery_fee, order.currency) },
          { id: "total", label: t("bag_total"), value: money(order.bag_total ?? order.total, order.currency), total: true },
        ]}
      />
    </section>
  );
}
