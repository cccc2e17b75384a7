import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";

import { ApiProblem } from "../core/api";
import { clock } from "../core/i18n";
import { problemCode } from "../core/problems";
import { Button, ButtonLink } from "../design/button";
import { Banner, ErrorState } from "../design/notices";
import { loadOrders, orders } from "./my_orders";
import { t as offer } from "./offer_text";
import { t } from "./pay_text";

/** What one can do about it. */
export interface WaysOut {
  onAgain: () => void;
  onProduct: () => void;
  onQuantity: (quantity: number) => void;
  onSplit: () => void;
}

const text = (error: unknown, name: string): string | null => {
  const value = error instanceof ApiProblem ? error.extra[name] : undefined;
  return typeof value === "string" ? value : null;
};
const count = (error: unknown, name: string): number | null => {
  const value = error instanceof ApiProblem ? error.extra[name] : undefined;
  return typeof value === "number" ? value : null;
};

const storesOf = (error: unknown): string[] => {
  const names = error instanceof ApiProblem ? error.extra["stores"] : [];
  return Array.isArray(names) ? names.map(String) : [];
};

/** Why it cannot be ordered just now, in full, with the ways on. For others the plain sentence and another try. */
export function Setback({ error, onAgain, onProduct, onQuantity, onSplit }: WaysOut & { error: unknown }) {
  const back = (
    <Button wide onClick={onProduct} data-testid="setback-product">
      {t("back_to_product")}
    </Button>
  );
  switch (problemCode(error)) {
    case "sold_out": {
      const left = count(error, "available") ?? 0;
      return (
        <div class="stack buy-setback" data-testid="setback" data-code="sold_out">
          <Banner tone="warn" alert title={left > 0 ? offer("few_left_now", { n: left }) : t("sold_title")}>
            {offer("sold_out_now_text")}
          </Banner>
          {left > 0 && (
            <Button variant="primary" wide onClick={() => onQuantity(left)} data-testid="setback-fewer">
              {t("fewer", { n: left })}
            </Button>
          )}
          {back}
        </div>
      );
    }
    case "split_needed":
      return (
        <div class="stack buy-setback" data-testid="setback" data-code="split_needed">
          <Banner tone="info" icon="store" alert title={t("split_title")}>
            {t("split_text", { n: storesOf(error).length || 2 })}
            {storesOf(error).length > 0 && <span class="muted"> {storesOf(error).join(" · ")}</span>}
          </Banner>
          <Button variant="primary" wide onClick={onSplit} data-testid="split-look">
            {t("split_look")}
          </Button>
          {back}
        </div>
      );
    case "store_busy": {
      const until = text(error, "free_at");
      return (
        <div class="stack buy-setback" data-testid="setback" data-code="store_busy">
          <Banner tone="warn" icon="clock" alert title={t("busy_title")}>
            {until ? t("busy_text", { when: clock(until) }) : t("busy_text_plain")}
          </Banner>
          <Button variant="primary" wide icon="refresh" onClick={onAgain}>
            {t("again")}
          </Button>
          {back}
        </div>
      );
    }
    case "too_many_unpaid":
      return <Capped back={back} />;
    default:
      return <ErrorState error={error} onRetry={onAgain} action={back} />;
  }
}

/** So many orders wait to be paid that there can be no other: the way to the last of them. */
function Capped({ back }: { back: ComponentChildren }) {
  useEffect(() => void loadOrders().catch(() => undefined), []);
  const [unpaid] = [...orders.value.values()].filter(({ status }) => status === "placed").sort((a, b) => b.placed_at.localeCompare(a.placed_at));
  return (
    <div class="stack buy-setback" data-testid="setback" data-code="too_many_unpaid">
      <Banner tone="warn" icon="receipt" alert title={t("cap_title")}>
        {t("cap_text")}
      </Banner>
      {unpaid && (
        <ButtonLink variant="primary" wide href={`/orders/${unpaid.id}`} data-testid="unpaid-link">
          {t("cap_link")}
        </ButtonLink>
      )}
      {back}
    </div>
  );
}
