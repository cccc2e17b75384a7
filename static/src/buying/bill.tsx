import { clock, distance, money } from "../core/i18n";
import type { Adjustment, Quote } from "../core/types";
import { Icon } from "../design/icons";
import { Sums } from "../design/rows";
import { t as pay } from "./pay_text";
import { t } from "./text";
import { optionsText } from "./variants";

/** The lines of a quote or an order, every row that makes its price, and the total. */
export function Bill({ quote }: { quote: Quote }) {
  const { currency } = quote;
  const { tax } = quote;
  const saved = quote.lines.reduce((sum, line) => sum + (line.list_price - line.unit_price) * line.quantity, 0) + quote.discount;
  return (
    <div class="stack buy-bill">
      <ul class="buy-lines">
        {quote.lines.map((line) => (
          <li key={line.product_id} class="buy-line">
            {line.image_url ? <img class="buy-line__image" src={line.image_url} alt="" width={52} height={52} /> : <span class="buy-line__image" />}
            <span class="grow">
              <span class="buy-line__name">{line.name}</span>
              {line.options.length > 0 && <span class="muted small">{optionsText(line.options)}</span>}
              <span class="muted small num">
                {money(line.unit_price, currency)} × {line.quantity}
                {line.list_price > line.unit_price && (
                  <s class="buy-line__was">{money(line.list_price, currency)}</s>
                )}
              </span>
            </span>
            <span class="num buy-line__total">{money(line.total, currency)}</span>
          </li>
        ))}
      </ul>
      <Sums
        rows={[
          { id: "subtotal", label: t("subtotal"), value: money(quote.subtotal, currency) },
          ...quote.coupons.map(({ coupon_id, title, amount }) => ({
            id: coupon_id,
            label: pay("row_coupon", { title }),
            value: <span class="buy-less" data-testid="row-coupon">{minus(amount, currency)}</span>,
          })),
          { id: "fee", label: <FeeLabel quote={quote} />, value: quote.delivery_fee === 0 ? t("free") : money(quote.delivery_fee, currency) },
          ...(tax > 0 && !quote.tax_included ? [{ id: "tax", label: pay("row_tax"), value: money(tax, currency) }] : []),
          { id: "total", label: t("total"), value: <span data-testid="total">{money(quote.total, currency)}</span>, total: true },
        ]}
      />
      {(saved > 0 || (tax > 0 && quote.tax_included)) && (
        <p class="small buy-bill__note num">
          {saved > 0 && <span class="buy-less">{pay("saved", { amount: money(saved, currency) })}</span>}
          {tax > 0 && quote.tax_included && <span class="muted">{pay("tax_inside", { amount: money(tax, currency) })}</span>}
        </p>
      )}
      <Explained quote={quote} />
    </div>
  );
}

/** What is more than usual about the fee stands beside it, without a click. */
function FeeLabel({ quote }: { quote: Quote }) {
  const more = quote.adjustments.filter(({ kind }) => kind === "delivery_hour" || kind === "delivery_demand");
  return (
    <>
      {t("delivery_fee")}
      {quote.delivery_fee > 0 && more.length > 0 && (
        <span class="muted small" data-testid="fee-more">
          {" "}
          {more.map(({ kind, ref, amount }) => `${pay(`row_${kind}`, { ref })} ${money(amount, quote.currency)}`).join(" · ")}
        </span>
      )}
    </>
  );
}

function minus(amount: number, currency: string): string {
  return `−${money(amount, currency)}`;
}

/** How each line's price came about, row by row, for who wants to know. */
function Explained({ quote }: { quote: Quote }) {
  const rows = quote.lines.map(({ name, adjustments }) => ({ name, adjustments }));
  const order = quote.adjustments;
  // A price that is nothing but the list price needs no explanation.
  if (!rows.some(({ adjustments }) => adjustments.length > 1) && order.length < 2) return null;
  return (
    <details class="buy-why" data-testid="explained">
      <summary>
        {pay("why_total")}
        <Icon name="chevron-down" size={18} />
      </summary>
      <div class="buy-why__text small">
        {rows.map(({ name, adjustments }) => (
          <dl key={name} class="buy-explained">
            <p class="buy-explained__of">{name}</p>
            {adjustments.map((row, at) => (
              <ExplainedRow key={at} row={row} quote={quote} />
            ))}
          </dl>
        ))}
        {order.length > 0 && (
          <dl class="buy-explained">
            {order.map((row, at) => (
              <ExplainedRow key={at} row={row} quote={quote} />
            ))}
          </dl>
        )}
      </div>
    </details>
  );
}

function ExplainedRow({ row, quote }: { row: Adjustment; quote: Quote }) {
  const ref = row.kind === "delivery_distance" ? distance(Number(row.ref)) : row.ref;
  const title = quote.coupons.find(({ coupon_id }) => coupon_id === row.ref)?.title ?? "";
  return (
    <div class="buy-explained__row" data-testid="adjustment" data-kind={row.kind}>
      <dt>{pay(`row_${row.kind}`, { title, ref })}</dt>
      <dd class="num">{row.amount < 0 ? minus(-row.amount, quote.currency) : money(row.amount, quote.currency)}</dd>
    </div>
  );
}

/** Where it comes from and when it arrives. */
export function Arrival({ quote }: { quote: Quote }) {
  return (
    <div class="buy-promise" data-testid="arrival">
      <Icon name="clock" size={20} />
      <span class="grow">
        <strong class="num">{t("arrives", { from: clock(quote.promised_from), to: clock(quote.promised_to) })}</strong>
        <span class="muted small">{t("from_store", { store: quote.store.name })}</span>
      </span>
    </div>
  );
}
