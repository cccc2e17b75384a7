import { useState } from "preact/hooks";

import { post } from "../core/api";
import { duration, money } from "../core/i18n";
import { useTimeLeft } from "../core/server_clock";
import type { Order, Proposal, Shortage } from "../core/types";
import { Button } from "../design/button";
import { Banner, ProblemNote } from "../design/notices";
import { keepOrder, loadOrder } from "./my_orders";
import { t } from "./order_text";

/** The store asks what to do about what it does not have; the clock runs. Afterwards: how it was answered. */
export function ProposalCard({ order, proposal }: { order: Order; proposal: Proposal }) {
  const [busy, setBusy] = useState<"accept" | "decline" | null>(null);
  const [error, setError] = useState<unknown>(null);
  const open = proposal.status === "open";
  const left = useTimeLeft(open ? Date.parse(proposal.until) : null);
  const swaps = proposal.lines.some(({ replacement }) => replacement !== null);
  const amount = (value: number) => money(value, order.currency);

  async function answer(accept: boolean): Promise<void> {
    setBusy(accept ? "accept" : "decline");
    setError(null);
    try {
      keepOrder(await post<Order>(`/api/orders/${order.id}/proposal`, { proposal_id: proposal.id, accept }));
    } catch (problem) {
      setError(problem);
      await loadOrder(order.id).catch(() => undefined);
    } finally {
      setBusy(null);
    }
  }

  const { status } = proposal;
  if (status !== "open") {
    return (
      <Banner tone={status === "accepted" || status === "withdrawn" ? "good" : "info"} data-testid="proposal-over">
        {t(`answered_${status}`)}
      </Banner>
    );
  }
  return (
    <section class="ask stack" role="alert" data-testid="proposal">
      <header class="ask__head">
        <h3>{t("ask_title")}</h3>
        <span class="ask__time num" role="timer" data-testid="proposal-time">
          {left > 0 ? t("ask_left", { time: duration(Math.ceil(left / 1000)) }) : t("ask_none")}
        </span>
      </header>
      <ul class="stack ask__lines">
        {proposal.lines.map((line) => (
          <AskedLine key={line.product_id} line={line} currency={order.currency} />
        ))}
      </ul>
      {swaps && proposal.difference > 0 && <p class="small">{t("ask_cheaper", { amount: amount(proposal.difference) })}</p>}
      {!swaps && <p class="small">{t("ask_short", { amount: amount(proposal.refund) })}</p>}
      <ProblemNote error={error} />
      <div class="ask__answers">
        {swaps ? (
          <>
            <Button variant="primary" size="l" wide busy={busy === "accept"} disabled={left === 0 || busy !== null} onClick={() => void answer(true)} data-testid="proposal-accept">
              {t("ask_accept")}
            </Button>
            <Button size="l" wide busy={busy === "decline"} disabled={left === 0 || busy !== null} onClick={() => void answer(false)} data-testid="proposal-decline">
              {t("ask_decline", { amount: amount(proposal.refund) })}
            </Button>
          </>
        ) : (
          <Button variant="primary" size="l" wide busy={busy !== null} disabled={left === 0} onClick={() => void answer(true)} data-testid="proposal-accept">
            {t("ask_fine")}
          </Button>
        )}
      </div>
      <p class="small muted">{t("ask_silent")}</p>
    </section>
  );
}

function AskedLine({ line, currency }: { line: Shortage; currency: string }) {
  const { replacement } = line;
  const cheaper = replacement !== null && replacement.charge < replacement.unit_price * replacement.quantity;
  return (
    <li class="ask__line">
      <span class="ask__missing">
        {line.image_url && <img class="buy-line__image" src={line.image_url} alt="" width={52} height={52} />}
        <span>{t("ask_missing", { n: line.missing, product: line.name })}</span>
      </span>
      {replacement && (
        <span class="ask__instead">
          {replacement.image_url && <img class="buy-line__image" src={replacement.image_url} alt="" width={52} height={52} />}
          <span>
            {t("ask_instead", { n: replacement.quantity, product: replacement.name })}
            <span class="small num ask__cost">
              {t("ask_costs", { amount: money(replacement.charge, currency) })}
              {cheaper && ` · ${t("ask_no_cost")}`}
            </span>
          </span>
        </span>
      )}
    </li>
  );
}
