import type { Card, Supplied, Variant } from "../core/types";
import { Button } from "../design/button";
import { t } from "./offer_text";
import { optionsText } from "./variants";
import { waitFor, waiting, waitNoMore } from "./waiting_list";

export interface NotHereProps {
  card: Card;
  variant: Variant | null;
  productId: string;
  supply: Supplied | null;
  had: (productId: string) => boolean;
  onVariant: (variant: Variant) => void;
}

/** What to do when it cannot be had: a variant that can, or to be told when it is back. */
export function NotHere({ card, variant, productId, supply, had, onVariant }: NotHereProps) {
  const others = card.variants.filter(({ product_id }) => product_id !== productId && had(product_id));
  const waits = waiting.value.has(productId);
  const name = variant ? `${card.product.name} ${optionsText(variant.options)}` : card.product.name;
  return (
    <div class="stack buy-instead" data-testid="not-here">
      {others.length > 0 && (
        <div class="buy-option">
          <p class="buy-option__name">{t("others_have")}</p>
          <div class="buy-option__values">
            {others.map((one) => (
              <button key={one.product_id} type="button" class="buy-option__value" onClick={() => onVariant(one)} data-testid="other-variant">
                {optionsText(one.options)}
              </button>
            ))}
          </div>
        </div>
      )}
      {(supply === null || supply.reason === "sold_out" || supply.reason === null) && (
        <Button
          icon={waits ? "check" : "bell"}
          aria-pressed={waits ? "true" : "false"}
          onClick={() => (waits ? waitNoMore(productId) : waitFor(productId, name))}
          data-testid="tell-me"
        >
          {t(waits ? "will_tell" : "tell_me")}
        </Button>
      )}
    </div>
  );
}
