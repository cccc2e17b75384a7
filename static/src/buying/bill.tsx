import { money, clock } from "../core/i18n";
import type { Quote } from "../core/types";
import { Icon } from "../design/icons";
import { Sums } from "../design/rows";
import { t } from "./text";

/** The lines of a quote or an order, the fee and the total. */
export function Bill({ quote }: { quote: Quote }) {
  const { currency } = quote;
  return (
    <div class="stack buy-bill">
      <ul class="buy-lines">
        {quote.lines.map((line) => (
          <li key={line.product_id} class="buy-line">
            {line.image_url ? <img class="buy-line__image" src={line.image_url} alt="" width={52} height={52} /> : <span class="buy-line__image" />}
            <span class="grow">
              <span class="buy-line__name">{line.name}</span>
              <span class="muted small num">
                {money(line.unit_price, currency)} × {line.quantity}
              </span>
            </span>
            <span class="num buy-line__total">{money(line.total, currency)}</span>
          </li>
        ))}
      </ul>
      <Sums
        rows={[
          { id: "subtotal", label: t("subtotal"), value: money(quote.subtotal, currency) },
          { id: "fee", label: t("delivery_fee"), value: quote.delivery_fee === 0 ? t("free") : money(quote.delivery_fee, currency) },
          { id: "total", label: t("total"), value: <span data-testid="total">{money(quote.total, currency)}</span>, total: true },
        ]}
      />
    </div>
  );
}

/** Where it comes from and when it arrives. */
export function Arrival({ quote }: { quote: Quote }) {
  return (
    <div class="buy-promise">
      <Icon name="clock" size={20} />
      <span class="grow">
        <strong class="num">{t("arrives", { from: clock(quote.promised_from), to: clock(quote.promised_to) })}</strong>
        <span class="muted small">{t("from_store", { store: quote.store.name })}</span>
      </span>
    </div>
  );
}
