import { money } from "../core/i18n";
import { cx } from "./class_names";
import { t } from "./words";

export interface PriceProps {
  /** Minor units. */
  amount: number;
  currency?: string;
  /** What it costs otherwise; shown struck when it is more. */
  base?: number | null;
  size?: "s" | "m" | "l";
  class?: string;
  "data-testid"?: string;
}

/** A price in numerals of one width, the sign small; a lower one beside its struck base. */
export function Price({ amount, currency = "CNY", base, size = "m", class: extra, ...data }: PriceProps) {
  const deal = base !== undefined && base !== null && base > amount;
  const text = money(amount, currency);
  const split = /^(\D+)([\d,]+)(.*)$/.exec(text);
  return (
    <span {...data} class={cx("n-price", `n-price--${size}`, deal && "n-price--deal", extra)}>
      <span class="n-price__now">
        {split ? (
          <>
            <span class="n-price__sign">{split[1]}</span>
            {split[2]}
            <span class="n-price__cents">{split[3]}</span>
          </>
        ) : (
          text
        )}
      </span>
      {deal && (
        <s class="n-price__base">
          <span class="sr-only">{t("was")} </span>
          {money(base, currency)}
        </s>
      )}
    </span>
  );
}
