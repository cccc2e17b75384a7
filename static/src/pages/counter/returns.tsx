/** Goods that a buyer wants to give back: decided here, and received. */

import { money } from "../../core/i18n";
import type { CounterOrder } from "../../core/types";
import { Button } from "../../design/button";
import { Badge } from "../../design/labels";
import type { CounterState } from "./counter_state";
import { t } from "./text";

export function Returns({ order, state }: { order: CounterOrder; state: CounterState }) {
  const waiting = state.outbox.of(order.id).length > 0;
  return (
    <>
      {(order.returns ?? []).map((one) => (
        <section key={one.id} class="ct-return" data-testid={`return-${one.id}`} data-status={one.status}>
          <p class="row">
            <b class="grow">{t("return")}</b>
            <Badge tone={one.status === "requested" ? "warn" : "neutral"}>{t(`ret_${one.status}`)}</Badge>
          </p>
          <p class="small">
            {one.lines.map((line) => `${line.quantity} × ${line.name}`).join(", ")} · {money(one.amount, order.currency)}
          </p>
          {one.history[0]?.note && <p class="small muted">“{one.history[0].note}”</p>}
          {one.status === "requested" && (
            <div class="ct-order__actions">
              <Button disabled={waiting} onClick={() => state.handleReturn(order, one.id, "refuse")} data-testid="return-refuse">
                {t("refuse")}
              </Button>
              <Button
                variant="primary"
                disabled={waiting}
                onClick={() => state.handleReturn(order, one.id, "approve")}
                data-testid="return-approve"
              >
                {t("approve")}
              </Button>
            </div>
          )}
          {one.status === "approved" && (
            <div class="ct-order__actions">
              <Button
                disabled={waiting}
                onClick={() => state.handleReturn(order, one.id, "receive", false)}
                data-testid="return-write-off"
              >
                {t("write_off")}
              </Button>
              <Button
                variant="primary"
                disabled={waiting}
                onClick={() => state.handleReturn(order, one.id, "receive", true)}
                data-testid="return-restock"
              >
                {t("restock")}
              </Button>
            </div>
          )}
        </section>
      ))}
    </>
  );
}
