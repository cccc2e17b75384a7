import "./buying.css";

import { useEffect } from "preact/hooks";

import { money } from "../core/i18n";
import { problemCode } from "../core/problems";
import type { Order } from "../core/types";
import { Button } from "../design/button";
import { ProblemNote } from "../design/notices";
import { MethodChoice } from "./method_choice";
import { loadOrder } from "./my_orders";
import { usePaying } from "./paying";
import { PayUntil } from "./pay_step";
import { t as pay } from "./pay_text";
import { t } from "./text";
import { WaitingStep } from "./waiting_step";

/** Pays an order that was placed before, for instance when the page was left in between. */
export function Payment({ order }: { order: Order }) {
  const paying = usePaying(order.total, () => undefined);
  useEffect(() => {
    if (problemCode(paying.error) === "wrong_status") void loadOrder(order.id).catch(() => undefined);
  }, [paying.error]);
  const total = money(order.total, order.currency);

  function submit(event: Event): void {
    event.preventDefault();
    if (!paying.busy && paying.check()) void paying.pay([order]);
  }

  if (paying.waiting) {
    return (
      <div class="n-card buy-payment">
        <WaitingStep waiting={paying.waiting} paying={paying} />
      </div>
    );
  }
  return (
    <form class="n-card stack buy-payment" onSubmit={submit} noValidate>
      <MethodChoice paying={paying} total={order.total} />
      <ProblemNote error={paying.error} data-testid="pay-problem" />
      {order.expires_at && <PayUntil at={order.expires_at} />}
      <Button type="submit" variant="primary" size="l" wide icon="lock" busy={paying.busy} data-testid="pay-button">
        {paying.method?.kind === "cash" ? pay("place_cash", { total }) : t("pay", { total })}
      </Button>
    </form>
  );
}
