/** One order on the counter's screen. */

import { clock, duration, money, when } from "../../core/i18n";
import type { CounterOrder } from "../../core/types";
import { Button } from "../../design/button";
import { cx } from "../../design/class_names";
import { Icon } from "../../design/icons";
import { Badge, StatusPill } from "../../design/labels";
import { now } from "../../work/clock";
import { columnOf } from "./counter_state";
import { isPicked, pickedCount, setPicked } from "./picked";
import { t } from "./text";

interface OrderCardProps {
  order: CounterOrder;
  busy: boolean;
  onStep: (step: "accept" | "pick" | "ready") => void;
  onReject: () => void;
  onHandOver: () => void;
}

export function OrderCard({ order, busy, onStep, onReject, onHandOver }: OrderCardProps) {
  const open = columnOf(order) !== null;
  const pieces = order.lines.reduce((sum, line) => sum + line.quantity, 0);
  const facts = [order.buyer_name, t("pieces", { n: pieces }), money(order.total, order.currency)];
  if (!open) facts.push(when(order.placed_at));
  return (
    <article class={cx("ct-order", order.status === "paid" && "ct-order--new")} data-testid={`order-${order.id}`} data-status={order.status}>
      <header class="ct-order__head">
        <h3 class="num">{order.number}</h3>
        {open ? <Due at={order.due_at} /> : <StatusPill>{t(`st_${order.status}`)}</StatusPill>}
      </header>
      <p class="ct-order__facts">
        <span class="num">{facts.join(" · ")}</span>
        {open && order.show_id && (
          <Badge tone="accent" icon="broadcast">
            {t("from_show")}
          </Badge>
        )}
      </p>
      <Lines order={order} />
      {order.note && (
        <p class="ct-order__note">
          <Icon name="note" size={18} />
          <span>
            <b>{t("note")}</b> {order.note}
          </span>
        </p>
      )}
      {open && order.status !== "paid" && <CourierLine order={order} />}
      <footer class="ct-order__actions">
        {order.status === "paid" && (
          <>
            <Button onClick={onReject} disabled={busy} data-testid="order-reject">
              {t("reject")}
            </Button>
            <Button variant="primary" busy={busy} onClick={() => onStep("accept")} data-testid="order-accept">
              {t("accept")}
            </Button>
          </>
        )}
        {order.status === "accepted" && (
          <>
            <Button onClick={onReject} disabled={busy} data-testid="order-reject">
              {t("reject")}
            </Button>
            <Button variant="primary" busy={busy} onClick={() => onStep("pick")} data-testid="order-pick">
              {t("start_picking")}
            </Button>
          </>
        )}
        {order.status === "picking" && (
          <>
            <span class="ct-order__progress num">
              {t("picked_of", { done: pickedCount(order), all: order.lines.length })}
            </span>
            <Button
              variant={pickedCount(order) === order.lines.length ? "primary" : "secondary"}
              icon="check"
              busy={busy}
              onClick={() => onStep("ready")}
              data-testid="order-ready"
            >
              {t("mark_ready")}
            </Button>
          </>
        )}
        {order.status === "ready" && (
          <Button variant="primary" wide icon="scooter" onClick={onHandOver} data-testid="order-hand-over">
            {t("hand_over")}
          </Button>
        )}
      </footer>
    </article>
  );
}

function Lines({ order }: { order: CounterOrder }) {
  const ticking = order.status === "picking";
  return (
    <ul class="ct-lines">
      {order.lines.map((line) => {
        const content = (
          <>
            {line.image_url ? <img src={line.image_url} alt="" loading="lazy" /> : <span class="ct-line__blank" />}
            <span class="ct-line__name">{line.name}</span>
            <span class={cx("ct-line__count num", line.quantity > 1 && "ct-line__count--many")}>×{line.quantity}</span>
          </>
        );
        if (!ticking) {
          return (
            <li key={line.product_id} class="ct-line">
              {content}
            </li>
          );
        }
        const picked = isPicked(order, line.product_id);
        return (
          <li key={line.product_id}>
            <label class={cx("ct-line", "ct-line--tick", picked && "ct-line--picked")}>
              <input
                type="checkbox"
                checked={picked}
                onChange={(event) => setPicked(order, line.product_id, event.currentTarget.checked)}
                data-testid={`pick-line-${line.product_id}`}
              />
              {content}
            </label>
          </li>
        );
      })}
    </ul>
  );
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
