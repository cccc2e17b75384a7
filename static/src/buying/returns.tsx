import { useState } from "preact/hooks";

import { post } from "../core/api";
import { money, when } from "../core/i18n";
import type { BagLine, GoodsReturn, Order } from "../core/types";
import { Button } from "../design/button";
import { TextArea } from "../design/fields";
import { StatusPill, type Tone } from "../design/labels";
import { ProblemNote } from "../design/notices";
import { Sheet } from "../design/sheet";
import { Stepper } from "../design/toggles";
import { keepOrder } from "./my_orders";
import { t } from "./order_text";
import { t as buying } from "./text";

const TONES: Readonly<Record<GoodsReturn["status"], Tone>> = { requested: "info", approved: "accent", refused: "bad", received: "info", refunded: "good" };

/** What goes back, and asking for more of it while one may. */
export function Returns({ order }: { order: Order }) {
  const [asking, setAsking] = useState(false);
  const returns = order.returns ?? [];
  const left = leftOf(order);
  const may = order.returnable_until != null && left.length > 0;
  if (returns.length === 0 && !may) return null;
  return (
    <section class="stack order-returns" data-testid="returns">
      {returns.map((one) => (
        <article key={one.id} class="order-return" data-testid="return" data-status={one.status}>
          <header class="order-return__head">
            <strong class="num">{t("return_of", { amount: money(one.amount, order.currency) })}</strong>
            <StatusPill tone={TONES[one.status]}>{t(`return_${one.status}`, { amount: money(one.amount, order.currency) })}</StatusPill>
          </header>
          <p class="muted small">{one.lines.map(({ name, quantity }) => `${quantity} × ${name}`).join(", ")}</p>
          {one.history.filter(({ by, note }) => by === "store" && note !== "").map(({ at, note }) => (
            <p key={at} class="small">“{note}”</p>
          ))}
        </article>
      ))}
      {may && (
        <Button icon="refresh" onClick={() => setAsking(true)} data-testid="return-ask">
          {t("return_ask")}
          {order.returnable_until && <span class="muted small num"> {t("return_until", { when: when(order.returnable_until) })}</span>}
        </Button>
      )}
      <Sheet open={asking} onClose={() => setAsking(false)} title={t("return_title")} wide="middle" data-testid="return-sheet">
        {asking && <ReturnForm order={order} left={left} onDone={() => setAsking(false)} />}
      </Sheet>
    </section>
  );
}

/** What of the bag was not given back yet. */
function leftOf(order: Order): BagLine[] {
  const back = (order.returns ?? []).filter(({ status }) => status !== "refused").flatMap(({ lines }) => lines);
  const gone = (id: string) => back.filter(({ product_id }) => product_id === id).reduce((sum, { quantity }) => sum + quantity, 0);
  return (order.bag ?? []).map((line) => ({ ...line, quantity: line.quantity - gone(line.product_id) })).filter(({ quantity }) => quantity > 0);
}

function ReturnForm({ order, left, onDone }: { order: Order; left: readonly BagLine[]; onDone: () => void }) {
  const [pieces, setPieces] = useState<Readonly<Record<string, number>>>(left.length === 1 && left[0] ? { [left[0].product_id]: 1 } : {});
  const [reason, setReason] = useState("");
  const [tried, setTried] = useState(false);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const lines = left.map(({ product_id }) => ({ product_id, quantity: pieces[product_id] ?? 0 })).filter(({ quantity }) => quantity > 0);
  const paid = new Map((order.bag ?? []).map((line) => [line.product_id, line]));
  const sum = lines.reduce((total, { product_id, quantity }) => {
    const line = paid.get(product_id);
    return total + (line ? Math.floor((line.charge * quantity) / line.quantity) : 0);
  }, 0);

  async function send(event: Event): Promise<void> {
    event.preventDefault();
    setTried(true);
    if (lines.length === 0 || reason.trim() === "" || busy) return;
    setBusy(true);
    setError(null);
    try {
      keepOrder(await post<Order>(`/api/orders/${order.id}/returns`, { lines, reason: reason.trim() }));
      onDone();
    } catch (problem) {
      setError(problem);
    } finally {
      setBusy(false);
    }
  }

  return (
    <form class="stack" onSubmit={(event) => void send(event)} noValidate>
      <fieldset class="stack">
        <legend class="buy-legend">{t("return_what")}</legend>
        {left.map((line) => (
          <div key={line.product_id} class="buy-fact">
            <span>{line.name}</span>
            <Stepper
              label={`${buying("quantity")}, ${line.name}`}
              value={pieces[line.product_id] ?? 0}
              min={0}
              max={line.quantity}
              onChange={(quantity) => setPieces({ ...pieces, [line.product_id]: quantity })}
              data-testid={`return-${line.product_id}`}
            />
          </div>
        ))}
      </fieldset>
      {tried && lines.length === 0 && <p class="n-field__note">{t("return_none")}</p>}
      <TextArea
        label={t("return_why")}
        hint={t("return_why_hint")}
        error={tried && reason.trim() === "" ? t("return_why_missing") : null}
        maxLength={300}
        value={reason}
        onValue={setReason}
        data-testid="return-reason"
      />
      {sum > 0 && <p class="muted small num">{t("return_sum", { amount: money(sum, order.currency) })}</p>}
      <ProblemNote error={error} />
      <Button type="submit" variant="primary" size="l" wide busy={busy} data-testid="return-send">
        {t("return_send")}
      </Button>
    </form>
  );
}
