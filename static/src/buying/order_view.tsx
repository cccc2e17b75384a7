import "./buying.css";

import { useState } from "preact/hooks";

import { post } from "../core/api";
import { clock, money } from "../core/i18n";
import type { Order, Tracking } from "../core/types";
import { Button } from "../design/button";
import { Confirm } from "../design/dialog";
import { Icon } from "../design/icons";
import { Avatar } from "../design/labels";
import { Banner, ProblemNote } from "../design/notices";
import { ProgressSteps } from "../design/progress";
import { TrackMap } from "../map/track_map";
import { Bill } from "./bill";
import { keepOrder } from "./my_orders";
import { leadText, phaseOf, statusText, stepOf, steps, vehicleText } from "./progress";
import { t } from "./text";

/** An order as its buyer follows it. `compact` leaves out what the buy sheet has shown just before. */
export function OrderView({ order, compact }: { order: Order; compact?: boolean }) {
  const phase = phaseOf(order);
  const { delivery } = order;
  const pin = delivery?.pin ?? null;
  const coming = order.status === "collected";
  return (
    <article class={compact ? "order order--compact" : "order"} data-testid="order" data-status={order.status} data-order={order.id}>
      <div class="order__main">
        <header class="order__head" aria-live="polite">
          <p class="order__status" data-testid="order-status" data-status={order.status}>
            {statusText(order)}
          </p>
          {phase === "open" && order.status !== "placed" && <Expected order={order} />}
          <p class="muted">{leadText(order)}</p>
        </header>
        {phase !== "ended" && <ProgressSteps steps={steps(order)} current={stepOf(order)} label={statusText(order)} />}
        {phase === "ended" && <MoneyBack order={order} />}
        {pin && coming && (
          <section class="order-pin" data-testid="pin-box">
            <div>
              <h3>{t("pin_title")}</h3>
              <p class="small">{t("pin_text")}</p>
            </div>
            <p class="order-pin__code num" data-testid="pin">
              {pin}
            </p>
          </section>
        )}
        {delivery && phase === "open" && <Delivery delivery={delivery} store={order.store.name} />}
        <Cancelling order={order} />
      </div>
      {!compact && <Details order={order} />}
    </article>
  );
}

function Expected({ order }: { order: Order }) {
  const eta = order.delivery?.eta_at;
  return (
    <p class="order__promise num">
      {eta ? t("eta", { time: clock(eta) }) : t("arrives", { from: clock(order.promised_from), to: clock(order.promised_to) })}
    </p>
  );
}

function MoneyBack({ order }: { order: Order }) {
  const { refunded, captured } = order.payment;
  if (refunded > 0) return <Banner tone="good">{t("refunded", { amount: money(refunded, order.currency) })}</Banner>;
  return captured > 0 ? null : <Banner tone="info">{t("not_charged")}</Banner>;
}

function Delivery({ delivery, store }: { delivery: Tracking; store: string }) {
  const { courier } = delivery;
  return (
    <section class="stack">
      <TrackMap
        store={delivery.store_position}
        home={delivery.drop_off}
        courier={delivery.courier_position}
        names={{ map: t("map_name"), store, home: t("map_home"), courier: courier?.name ?? t("courier") }}
      />
      <div class="order-courier" data-testid="courier">
        {courier ? <Avatar name={courier.name} size={44} /> : <span class="order-courier__none"><Icon name="scooter" /></span>}
        <span class="grow">
          <strong>{courier ? courier.name : t("courier_searching")}</strong>
          {courier && <span class="muted small">{[vehicleText(courier.vehicle), courier.phone_hint && t("phone_of", { hint: courier.phone_hint })].filter(Boolean).join(" · ")}</span>}
        </span>
      </div>
    </section>
  );
}

function Details({ order }: { order: Order }) {
  return (
    <div class="order__aside">
      <section class="order__part">
        <h2>{t("items")}</h2>
        <Bill quote={order} />
        {order.payment.card_last4 && (
          <p class="muted small num">
            {t("paid_with")} {t("card_ending", { last4: order.payment.card_last4 })}
          </p>
        )}
      </section>
      <section class="order__part">
        <h2>{t("address_title")}</h2>
        <p>
          {order.address.name} · <span class="num">{order.address.phone}</span>
        </p>
        <p class="muted">{order.address.text}</p>
        {order.note && <p class="muted">“{order.note}”</p>}
      </section>
    </div>
  );
}

function Cancelling({ order }: { order: Order }) {
  const [asking, setAsking] = useState(false);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  if (!order.cancellable) return null;

  async function cancel() {
    setBusy(true);
    setError(null);
    try {
      keepOrder(await post<Order>(`/api/orders/${order.id}/cancel`, {}));
    } catch (problem) {
      setError(problem);
    } finally {
      setBusy(false);
      setAsking(false);
    }
  }

  return (
    <div class="stack">
      <ProblemNote error={error} />
      <Button variant="quiet" onClick={() => setAsking(true)} data-testid="cancel-order">
        {t("cancel_order")}
      </Button>
      <Confirm
        open={asking}
        title={t("cancel_title")}
        text={t("cancel_text")}
        confirmLabel={t("cancel_yes")}
        cancelLabel={t("cancel_no")}
        danger
        busy={busy}
        onConfirm={() => void cancel()}
        onClose={() => setAsking(false)}
      />
    </div>
  );
}
