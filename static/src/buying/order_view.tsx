import "./buying.css";

import { clock, money } from "../core/i18n";
import type { Order } from "../core/types";
import { ButtonLink } from "../design/button";
import { Banner } from "../design/notices";
import { ProgressSteps } from "../design/progress";
import { Kept, PromiseLine, Slip } from "../tracking/promise";
import { ProofCard } from "../tracking/proof";
import { RatingCard } from "../tracking/rating";
import { leftAtDoor } from "../tracking/sentences";
import { t as tracking_text } from "../tracking/text";
import { TrackingCard } from "../tracking/tracking_card";
import { Bill } from "./bill";
import { Cancelling } from "./cancelling";
import { BagRows, MoneyRows } from "./money_rows";
import { t as order_text } from "./order_text";
import { PayUntil } from "./pay_step";
import { t as pay } from "./pay_text";
import { leadText, phaseOf, statusText, stepOf, steps } from "./progress";
import { ProposalCard } from "./proposal_card";
import { Returns } from "./returns";
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
        {order.proposal?.status === "open" && <ProposalCard key={order.proposal.id} order={order} proposal={order.proposal} />}
        <header class="order__head" aria-live="polite">
          <p class="order__status" data-testid="order-status" data-status={order.status}>
            {statusText(order)}
          </p>
          {phase === "open" && order.status !== "placed" && <Expected order={order} />}
          {phase === "done" && delivery && <Kept tracking={delivery} />}
          <p class="muted">{leadText(order)}</p>
        </header>
        {order.status === "placed" && compact && <Unpaid order={order} />}
        {order.proposal && order.proposal.status !== "open" && phase === "open" && <ProposalCard order={order} proposal={order.proposal} />}
        {phase === "open" && delivery && <Slip tracking={delivery} />}
        {phase === "open" && (order.late ?? []).length > 0 && delivery?.promise.changes.length === 0 && (
          <Banner tone="warn" icon="clock" data-testid="late">
            {order_text("late")}
          </Banner>
        )}
        {phase !== "ended" && <ProgressSteps steps={steps(order)} current={stepOf(order)} label={statusText(order)} />}
        {phase === "ended" && (order.back ? <CameBack order={order} back={order.back} /> : <MoneyBack order={order} />)}
        {pin && coming && (
          <section class="order-pin" data-testid="pin-box">
            <div>
              <h3>{t("pin_title")}</h3>
              <p class="small">{delivery && leftAtDoor(delivery) ? tracking_text("door_on") : t("pin_text")}</p>
            </div>
            <p class="order-pin__code num" data-testid="pin">
              {pin}
            </p>
          </section>
        )}
        {phase === "open" && order.payment.cash_due > 0 && order.status !== "placed" && (
          <Banner tone="info" icon="box" data-testid="cash-due">
            {pay("cash_due", { amount: money(order.payment.cash_due, order.currency) })}
          </Banner>
        )}
        {delivery && phase === "open" && (
          <TrackingCard orderId={order.id} tracking={delivery} store={order.store.name} paid={order.payment.cash_due === 0} />
        )}
        {delivery?.proof && phase === "done" && <ProofCard proof={delivery.proof} />}
        {delivery && phase === "done" && <RatingCard key={order.id} orderId={order.id} tracking={delivery} />}
        {phase === "done" && <Returns order={order} />}
        <Cancelling order={order} />
      </div>
      {!compact && <Details order={order} />}
    </article>
  );
}

function Expected({ order }: { order: Order }) {
  if (order.delivery) return <PromiseLine tracking={order.delivery} />;
  return <p class="order__promise num">{t("arrives", { from: clock(order.promised_from), to: clock(order.promised_to) })}</p>;
}

/** Not paid yet: how long it is kept, and where to pay. */
function Unpaid({ order }: { order: Order }) {
  return (
    <section class="stack order-unpaid" data-testid="unpaid">
      {order.expires_at && <PayUntil at={order.expires_at} />}
      <ButtonLink variant="primary" wide icon="lock" href={`/orders/${order.id}`}>
        {order_text("pay_now")}
      </ButtonLink>
    </section>
  );
}

function MoneyBack({ order }: { order: Order }) {
  const { refunded, captured } = order.payment;
  if (refunded > 0) return <Banner tone="good">{t("refunded", { amount: money(refunded, order.currency) })}</Banner>;
  if ((order.fee ?? 0) > 0) return <Banner tone="info">{order_text("money_fee")} {money(order.fee ?? 0, order.currency)}</Banner>;
  return captured > 0 ? null : <Banner tone="info">{t("not_charged")}</Banner>;
}

/** Why it was not delivered, and what that means for the money. */
function CameBack({ order, back }: { order: Order; back: NonNullable<Order["back"]> }) {
  const amount = (value: number) => money(value, order.currency);
  const decided = back.restocked !== null;
  const paid = order.payment.captured;
  const costs =
    paid === 0
      ? order_text("back_nothing")
      : decided
        ? back.fee > 0
          ? order_text("back_kept", { fee: amount(back.fee) })
          : order_text("back_free", { amount: amount(paid) })
        : back.blamed && back.fee > 0
          ? order_text("back_may_cost", { fee: amount(back.fee) })
          : order_text("back_free", { amount: amount(paid) });
  return (
    <Banner tone={decided ? "info" : "warn"} icon="box" data-testid="came-back">
      {order_text("back_said", { why: order_text(`back_${back.reason}`), costs })}
    </Banner>
  );
}

function Details({ order }: { order: Order }) {
  return (
    <div class="order__aside">
      <section class="order__part">
        <h2>{t("items")}</h2>
        <Bill quote={order} />
        <MoneyRows order={order} />
      </section>
      <BagRows order={order} />
      <section class="order__part">
        <h2>{t("address_title")}</h2>
        <p>
          {order.address.name} · <span class="num">{order.address.phone}</span>
        </p>
        <p class="muted">{order.address.text}</p>
        {order.door?.note && (
          <p class="muted" data-testid="door-note">
            {t("door_note")}: “{order.door.note}”
          </p>
        )}
        {order.note && <p class="muted">“{order.note}”</p>}
      </section>
    </div>
  );
}
