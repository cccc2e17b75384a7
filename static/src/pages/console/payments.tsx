/** Money that needs a person: what happened, what to do, and all that happened to the order's money. */

import { useEffect, useState } from "preact/hooks";
import { get, post } from "../../core/api";
import { money, when } from "../../core/i18n";
import { problemText } from "../../core/problems";
import type { PaymentAlert, PaymentHistory } from "../../core/types_console";
import { Button } from "../../design/button";
import { Badge } from "../../design/labels";
import { toast } from "../../design/toast";
import { Choice } from "../../design/toggles";
import type { ConsoleState } from "./console_state";
import { ListFrame } from "./list_frame";
import { usePaged } from "./paged";
import { p } from "./payments_text";

export function Payments({ state }: { state: ConsoleState }) {
  const [shown, setShown] = useState<"open" | "all">("open");
  const list = usePaged<PaymentAlert>("/api/console/payment-alerts", { open: shown === "open" });
  const last = state.lastAlert.value;
  useEffect(() => {
    if (!last) return;
    const wanted = shown === "all" || last.resolved_at === null;
    list.change((old) => [...(wanted ? [last] : []), ...old.filter((one) => one.id !== last.id)]);
  }, [last]);
  const resolve = async (alert: PaymentAlert) => {
    try {
      const done = await post<PaymentAlert>(`/api/console/payment-alerts/${encodeURIComponent(alert.id)}/resolve`);
      list.change((old) => (shown === "all" ? old.map((one) => (one.id === done.id ? done : one)) : old.filter((one) => one.id !== done.id)));
      toast(p("was_done"), "good");
    } catch (error) {
      toast(problemText(error), "bad");
    }
  };
  const aside = (
    <Choice
      label={p("payments")}
      value={shown}
      options={[
        { value: "open", label: p("open") },
        { value: "all", label: p("all") },
      ]}
      onChange={setShown}
    />
  );
  return (
    <ListFrame title={p("payments")} list={list} emptyIcon="card" empty={p("none")} aside={aside}>
      {(items) => (
        <ul class="cs-rows">
          {items.map((alert) => (
            <li key={alert.id} class="cs-row" data-testid={`alert-${alert.kind}`}>
              <div class="cs-row__main">
                <p class="cs-row__facts">
                  <Badge tone={alert.resolved_at === null ? "bad" : "neutral"}>{p(alert.kind)}</Badge>
                  <b class="num">{money(alert.amount, alert.currency)}</b>
                  <span class="num">{p("order", { number: alert.order_number })}</span>
                  <span class="num">{when(alert.at)}</span>
                </p>
                <p class="muted small">{p(`${alert.kind}_do`)}</p>
                <History order={alert.order_id} />
              </div>
              {alert.resolved_at === null && (
                <div class="cs-row__actions">
                  <Button size="s" onClick={() => void resolve(alert)} data-testid="alert-done">
                    {p("done")}
                  </Button>
                </div>
              )}
            </li>
          ))}
        </ul>
      )}
    </ListFrame>
  );
}

/** All that happened to the money of an order, when it is asked for. */
function History({ order }: { order: string }) {
  const [history, setHistory] = useState<PaymentHistory | null>(null);
  const load = () => get<PaymentHistory>(`/api/orders/${order}/payments`).then(setHistory, (error) => toast(problemText(error), "bad"));
  if (history === null) {
    return (
      <Button size="s" variant="quiet" onClick={() => void load()} data-testid="alert-history">
        {p("history")}
      </Button>
    );
  }
  const said = (amount: number) => money(amount, history.currency);
  return (
    <div class="stack">
      <p class="small num">
        {p("kept", { captured: said(history.captured), refunded: said(history.refunded), kept: said(history.kept), owed: said(history.owed) })}
      </p>
      <ol class="small num">
        {history.events.map((event, at) => (
          <li key={at}>
            {when(event.at)} · {p(event.kind)} {said(event.amount)} · {p(event.outcome)}
            {event.code && ` · ${event.code}`} · {event.provider}
            {event.reference && ` ${event.reference}`} · {event.by_name ?? event.by}
            {event.reason && ` · ${event.reason}`}
          </li>
        ))}
      </ol>
      <Button size="s" variant="quiet" onClick={() => setHistory(null)}>
        {p("hide")}
      </Button>
    </div>
  );
}
