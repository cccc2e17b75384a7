/** One order on the counter's screen. */

import { clock, duration, money, when } from "../../core/i18n";
import type { CounterOrder } from "../../core/types";
import { Button, IconButton } from "../../design/button";
import { cx } from "../../design/class_names";
import { Icon } from "../../design/icons";
import { Badge, StatusPill } from "../../design/labels";
import { Banner } from "../../design/notices";
import { now } from "../../work/clock";
import { columnOf, type CounterState, type Step } from "./counter_state";
import { Lines } from "./lines";
import { progress } from "./picked";
import { Question } from "./question";
import { Returns } from "./returns";
import { t } from "./text";

type Lateness = "accept" | "pick" | "ready" | "collect" | "deliver";

interface OrderCardProps {
  order: CounterOrder;
  state: CounterState;
  onStep: (step: Step) => void;
  onReject: () => void;
  onHandOver: () => void;
  onScan: () => void;
  onShort: (productId: string) => void;
  onPrint: () => void;
}

export function OrderCard(props: OrderCardProps) {
  const { order, state, onPrint } = props;
  const open = columnOf(order) !== null;
  const pieces = order.lines.reduce((sum, line) => sum + line.quantity, 0);
  const facts = [order.buyer_name, t("pieces", { n: pieces }), money(order.bag_total ?? order.total, order.currency)];
  if (!open) facts.push(when(order.placed_at));
  const waiting = state.outbox.of(order.id).length;
  const late = (open ? order.late : undefined)?.at(-1) as Lateness | undefined;
  return (
    <article
      class={cx("ct-order", order.status === "paid" && "ct-order--new")}
      aria-labelledby={`number-${order.id}`}
      data-testid={`order-${order.id}`}
      data-status={order.status}
    >
      <header class="ct-order__head">
        <h3 class="num" id={`number-${order.id}`}>
          {order.number}
        </h3>
        {open ? <Due at={order.due_at} /> : <StatusPill>{t(`st_${order.status}`)}</StatusPill>}
      </header>
      <p class="ct-order__facts">
        <span class="num">{facts.join(" · ")}</span>
        {open && order.show_id && (
          <Badge tone="accent" icon="broadcast">
            {t("from_show")}
          </Badge>
        )}
        {late && (
          <Badge tone="bad" icon="alert" data-testid="order-late">
            {t(`late_${late}`)}
          </Badge>
        )}
        {waiting > 0 && (
          <Badge tone="warn" icon="refresh" data-testid="order-unsent">
            {t("unsent")}
          </Badge>
        )}
      </p>
      <Lines order={order} onShort={props.onShort} />
      <Question order={order} state={state} />
      {order.note && (
        <p class="ct-order__note">
          <Icon name="note" size={18} />
          <span>
            <b>{t("note")}</b> {order.note}
          </span>
        </p>
      )}
      {open && order.status !== "paid" && <CourierLine order={order} />}
      {order.back && (
        <Banner tone={order.back.restocked === null ? "warn" : "info"} icon="box" data-testid="order-back">
          {t(order.back.restocked === null ? "back_wait" : order.back.restocked ? "back_restock" : "back_write_off")}
        </Banner>
      )}
      {!open && <Returns order={order} state={state} />}
      {open && (
        <footer class="ct-order__actions">
          {order.status !== "paid" && (
            <IconButton icon="receipt" label={t("print")} variant="soft" onClick={onPrint} data-testid="order-print" />
          )}
          <Actions {...props} />
        </footer>
      )}
    </article>
  );
}

function Actions({ order, state, onStep, onReject, onHandOver, onScan }: OrderCardProps) {
  const { done, all } = progress(order);
  const asked = order.proposal?.status === "open" || state.outbox.of(order.id).some((deed) => deed.kind === "short");
  const reject = (
    <Button onClick={onReject} data-testid="order-reject">
      {t("reject")}
    </Button>
  );
  switch (order.status) {
    case "paid":
      return (
        <>
          {reject}
          <Button variant="primary" onClick={() => onStep("accept")} data-testid="order-accept">
            {t("accept")}
          </Button>
        </>
      );
    case "accepted":
      return (
        <>
          {reject}
          <Button variant="primary" onClick={() => onStep("pick")} data-testid="order-pick">
            {t("start_picking")}
          </Button>
        </>
      );
    case "picking":
      return (
        <>
          <IconButton icon="camera" label={t("scan")} variant="soft" onClick={onScan} data-testid="order-scan" />
          <span class="ct-order__progress num">{t("picked_of", { done, all })}</span>
          <Button
            variant={done === all && !asked ? "primary" : "secondary"}
            icon="check"
            disabled={asked}
            onClick={() => onStep("ready")}
            data-testid="order-ready"
          >
            {t("mark_ready")}
          </Button>
        </>
      );
    default:
      return (
        <Button variant="primary" wide icon="scooter" onClick={onHandOver} data-testid="order-hand-over">
          {t("hand_over")}
        </Button>
      );
  }
}

function Due({ at }: { at: string }) {
  const seconds = (Date.parse(at) - now.value) / 1000;
  const urgency = seconds < 0 ? "late" : seconds < 300 ? "soon" : "calm";
  return (
    <span class="ct-due num" data-urgency={urgency} title={clock(at)}>
      <Icon name="clock" size={16} />
      {seconds < 0 ? t("late", { time: duration(-seconds) }) : t("due_in", { time: duration(seconds) })}
    </span>
  );
}

function CourierLine({ order }: { order: CounterOrder }) {
  const { job } = order;
  const name = job?.courier_name ?? null;
  const here = job?.status === "at_store";
  return (
    <p class="ct-courier" data-here={here ? "yes" : "no"}>
      <Icon name="scooter" size={18} />
      {name === null
        ? t("no_courier")
        : here
          ? t("courier_at_store", { name })
          : job?.status === "accepted" && job.eta_at
            ? t("courier_eta", { name, time: clock(job.eta_at) })
            : t("courier", { name })}
    </p>
  );
}
