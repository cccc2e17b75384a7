/** Orders that are late or came back: which, what of, calling one off, and deciding about goods that are at the store. */

import { useEffect, useState } from "preact/hooks";
import { post } from "../../core/api";
import { clock, money } from "../../core/i18n";
import type { CameBack, CounterOrder, Order, OrderStatus } from "../../core/types";
import { Button } from "../../design/button";
import { Badge } from "../../design/labels";
import { toast } from "../../design/toast";
import { BackDialog } from "./back_dialog";
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
  brought_back: "brought_back",
  undelivered: "undelivered",
};
const CANCELLABLE = ["paid", "accepted", "picking", "ready"];

export function Late({ state }: { state: ConsoleState }) {
  const list = usePaged<CounterOrder>("/api/console/orders", {});
  const [ending, setEnding] = useState<CounterOrder | null>(null);
  const [deciding, setDeciding] = useState<(CounterOrder & { back: CameBack }) | null>(null);
  const last = state.lastLate.value;
  useEffect(() => {
    if (!last) return;
    list.change((old) => [...(last.status === "undelivered" ? [] : [last]), ...old.filter((one) => one.id !== last.id)]);
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
                    {order.back && (
                      <Badge tone="warn" icon="box">
                        {l(`back_${order.back.reason}`)}
                      </Badge>
                    )}
                    {((order.late ?? []) as Lateness[]).map((kind) => (
                      <Badge key={kind} tone="bad">
                        {l(kind)}
                      </Badge>
                    ))}
                    <span class="num">{money(order.bag_total ?? order.total, order.currency)}</span>
                  </p>
                  <p class="muted small num">
                    {order.store.name} · {l(STATUS[order.status])} ·{" "}
                    {order.back
                      ? l("back_since", { time: clock(order.back.at) })
                      : `${l("promised", { time: clock(order.due_at) })} · ${order.job?.courier_name ?? l("no_courier")}`}{" "}
                    · {order.buyer_name} {order.address.phone}
                  </p>
                </div>
                {order.status === "brought_back" && order.back && (
                  <div class="cs-row__actions">
                    <Button size="s" variant="primary" onClick={() => setDeciding(order as CounterOrder & { back: CameBack })} data-testid="back-open">
                      {l("back_open")}
                    </Button>
                  </div>
                )}
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
          <BackDialog
            order={deciding}
            onDone={(order) => {
              list.change((old) => old.filter((one) => one.id !== order.id));
              toast(l("back_done", { number: order.number }), "good");
              setDeciding(null);
            }}
            onClose={() => setDeciding(null)}
          />
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
