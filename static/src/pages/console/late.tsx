/** Orders that are late and not delivered yet: which, what of, and calling one off. */

import { useEffect, useState } from "preact/hooks";
import { post } from "../../core/api";
import { clock, money } from "../../core/i18n";
import type { CounterOrder, Order, OrderStatus } from "../../core/types";
import { Button } from "../../design/button";
import { Badge } from "../../design/labels";
import { toast } from "../../design/toast";
import type { ConsoleState } from "./console_state";
import { l } from "./late_text";
import { ListFrame } from "./list_frame";
import { usePaged } from "./paged";
import { ReasonDialog } from "./reason_dialog";

type Lateness = "accept" | "pick" | "ready" | "collect" | "deliver";
/** `ready` says of a flag that the bag was not; of a status that it waits. */
const STATUS: Record<OrderStatus, Exclude<OrderStatus, "ready"> | "waiting"> = {
  placed: "placed",
  paid: "paid",
  accepted: "accepted",
  picking: "picking",
  ready: "waiting",
  collected: "collected",
  delivered: "delivered",
  completed: "completed",
  rejected: "rejected",
  cancelled: "cancelled",
};
const CANCELLABLE = ["paid", "accepted", "picking", "ready"];

export function Late({ state }: { state: ConsoleState }) {
  const list = usePaged<CounterOrder>("/api/console/orders", {});
  const [ending, setEnding] = useState<CounterOrder | null>(null);
  const last = state.lastLate.value;
  useEffect(() => {
    if (last) list.change((old) => [last, ...old.filter((one) => one.id !== last.id)]);
  }, [last]);
  return (
    <ListFrame title={l("late")} list={list} emptyIcon="clock" empty={l("none")}>
      {(items) => (
        <>
          <ul class="cs-rows">
            {items.map((order) => (
              <li key={order.id} class="cs-row" data-testid={`late-${order.id}`}>
                <div class="cs-row__main">
                  <p class="cs-row__facts">
                    <b class="num">{order.number}</b>
                    {((order.late ?? []) as Lateness[]).map((kind) => (
                      <Badge key={kind} tone="bad">
                        {l(kind)}
                      </Badge>
                    ))}
                    <span class="num">{money(order.bag_total ?? order.total, order.currency)}</span>
                  </p>
                  <p class="muted small num">
                    {order.store.name} · {l(STATUS[order.status])} · {l("promised", { time: clock(order.due_at) })} ·{" "}
                    {order.job?.courier_name ?? l("no_courier")} · {order.buyer_name} {order.address.phone}
                  </p>
                </div>
                {CANCELLABLE.includes(order.status) && (
                  <div class="cs-row__actions">
                    <Button size="s" variant="danger" onClick={() => setEnding(order)} data-testid="late-cancel">
                      {l("cancel")}
                    </Button>
                  </div>
                )}
              </li>
            ))}
          </ul>
          <ReasonDialog
            open={ending !== null}
            title={l("cancel_q", { number: ending?.number ?? "" })}
            text={l("cancel_text")}
            label={l("reason")}
            confirmLabel={l("cancel")}
            danger
            testid="late-reason"
            onConfirm={async (reason) => {
              if (!ending) return;
              await post<Order>(`/api/orders/${ending.id}/cancel`, { reason });
              list.change((old) => old.filter((one) => one.id !== ending.id));
              toast(l("cancelled_toast", { number: ending.number }), "good");
              setEnding(null);
            }}
            onClose={() => setEnding(null)}
          />
        </>
      )}
    </ListFrame>
  );
}
