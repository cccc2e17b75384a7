import "./buying.css";

import { useMemo, useState } from "preact/hooks";

import { clock, money } from "../core/i18n";
import { problemCode } from "../core/problems";
import type { Order } from "../core/types";
import { Button } from "../design/button";
import { ProblemNote } from "../design/notices";
import { cardDetails, cardFaults, CardForm, EMPTY_CARD } from "./card_form";
import { Checkout } from "./checkout";
import { keepOrder, loadOrder } from "./my_orders";
import { t } from "./text";

/** Pays an order that was placed before, for instance when the page was left in between. */
export function Payment({ order }: { order: Order }) {
  const checkout = useMemo(() => new Checkout(order.show_id, []), [order.id]);
  const [card, setCard] = useState(EMPTY_CARD);
  const [tried, setTried] = useState(false);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);

  async function pay(event: Event): Promise<void> {
    event.preventDefault();
    setTried(true);
    if (busy || Object.values(cardFaults(card)).some(Boolean)) return;
    setBusy(true);
    setError(null);
    try {
      keepOrder(await checkout.pay(order, cardDetails(card)));
    } catch (problem) {
      setError(problem);
      if (problemCode(problem) === "wrong_status") await loadOrder(order.id).catch(() => undefined);
    } finally {
      setBusy(false);
    }
  }

  return (
    <form class="n-card stack buy-payment" onSubmit={(event) => void pay(event)} noValidate>
      <CardForm card={card} tried={tried} onChange={setCard} />
      <ProblemNote error={error} data-testid="pay-problem" />
      {order.expires_at && <p class="muted small num">{t("reserved_until", { time: clock(order.expires_at) })}</p>}
      <Button type="submit" variant="primary" size="l" wide icon="lock" busy={busy} data-testid="pay-button">
        {t("pay", { total: money(order.total, order.currency) })}
      </Button>
    </form>
  );
}
