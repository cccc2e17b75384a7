import type { Variant } from "../core/types";
import { cx } from "../design/class_names";
import { t } from "./offer_text";
import { axesOf, canHave, changed } from "./variants";

export interface VariantChooserProps {
  variants: readonly Variant[];
  chosen: Variant;
  /** Whether a variant can be had here and now, as far as is known. */
  had: (productId: string) => boolean;
  onChoose: (variant: Variant) => void;
}

const ARROWS: Readonly<Record<string, number>> = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 };

/** Colour, size, …: a row of values each. What cannot be had with the rest is greyed, and still says so when it is chosen. */
export function VariantChooser({ variants, chosen, had, onChoose }: VariantChooserProps) {
  return (
    <div class="stack buy-options" data-testid="variants">
      {axesOf(variants).map((axis) => {
        const now = chosen.options.find(({ name }) => name === axis.name)?.value;
        const take = (value: string): void => {
          const next = changed(variants, chosen, axis.name, value);
          if (next) onChoose(next);
        };
        const move = (event: KeyboardEvent, at: number): void => {
          const by = ARROWS[event.key];
          const value = by === undefined ? undefined : axis.values[(at + by + axis.values.length) % axis.values.length];
          if (value === undefined) return;
          event.preventDefault();
          take(value);
          const group = (event.currentTarget as HTMLElement).parentElement;
          group?.querySelectorAll<HTMLElement>("[role=radio]")[axis.values.indexOf(value)]?.focus();
        };
        return (
          <div key={axis.name} class="buy-option">
            <p class="buy-option__name">
              {axis.name} <span class="muted">{now}</span>
            </p>
            <div class="buy-option__values" role="radiogroup" aria-label={axis.name}>
              {axis.values.map((value, at) => {
                const fits = canHave(variants, chosen, axis.name, value, had);
                return (
                  <button
                    key={value}
                    type="button"
                    role="radio"
                    class={cx("buy-option__value", !fits && "buy-option__value--out")}
                    aria-checked={value === now ? "true" : "false"}
                    tabIndex={value === now ? 0 : -1}
                    onClick={() => take(value)}
                    onKeyDown={(event) => move(event, at)}
                    data-testid={`option-${value}`}
                    data-out={fits ? undefined : "true"}
                  >
                    {value}
                    {!fits && <span class="sr-only">, {t("not_here")}</span>}
                  </button>
                );
              })}
            </div>
          </div>
        );
      })}
    </div>
  );
}
