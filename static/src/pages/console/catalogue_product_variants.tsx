/** What tells a product from its other variants, and those. */

import { money } from "../../core/i18n";
import type { ProductOption } from "../../core/types";
import type { ProductEntry } from "../../core/types_catalogue";
import { Button, IconButton } from "../../design/button";
import { Badge } from "../../design/labels";
import { TextInput } from "../../design/fields";
import { e } from "./catalogue_edit_text";
import { Face } from "./catalogue_products";
import type { ProductPartProps } from "./catalogue_product_facts";
import { c } from "./catalogue_text";

const MOST = 5;

interface VariantsPartProps extends ProductPartProps {
  siblings: readonly ProductEntry[];
  /** Options are saved, so there can be others beside it. */
  ready: boolean;
  busy: boolean;
  onOpen: (id: string) => void;
  onAdd: () => void;
}

export function ProductVariantsPart({ form, faults, fresh, siblings, ready, busy, onForm, onOpen, onAdd }: VariantsPartProps) {
  const fixed = form.group !== null && siblings.length > 0;
  const set = (at: number, part: Partial<ProductOption>) => onForm({ options: form.options.map((one, spot) => (spot === at ? { ...one, ...part } : one)) });
  const usual = [e("colour"), e("size")].find((name) => !form.options.some((one) => one.name === name)) ?? "";
  return (
    <div class="stack">
      <section>
        <h3>{e("options")}</h3>
        <p class="muted small">{fixed ? e("names_fixed") : e("options_hint")}</p>
        <ul class="ct-options">
          {form.options.map((option, at) => (
            <li key={at} role="group" aria-label={e("option_n", { n: at + 1 })}>
              <TextInput label={e("option_name")} labelHidden={at > 0} readOnly={fixed} value={option.name} maxLength={80} onValue={(name) => set(at, { name })} data-testid="option-name" />
              <TextInput label={e("option_value")} labelHidden={at > 0} value={option.value} maxLength={80} onValue={(value) => set(at, { value })} data-testid="option-value" />
              {!fixed && (
                <IconButton icon="trash" size={20} label={`${c("remove")}: ${e("option_n", { n: at + 1 })}`} onClick={() => onForm({ options: form.options.filter((_, spot) => spot !== at) })} />
              )}
            </li>
          ))}
        </ul>
        {faults["options"] && (
          <p class="ct-fault small" role="alert">
            {faults["options"]}
          </p>
        )}
        {!fixed && form.options.length < MOST && (
          <Button size="s" icon="plus" onClick={() => onForm({ options: [...form.options, { name: usual, value: "" }] })} data-testid="option-add">
            {e("add_option")}
          </Button>
        )}
      </section>
      <section>
        <h3>{e("siblings")}</h3>
        {siblings.length === 0 && <p class="muted small">{e("no_siblings")}</p>}
        <ul class="ct-variants">
          {siblings.map((one) => (
            <li key={one.id}>
              <button type="button" class="ct-product ct-product--slim" onClick={() => onOpen(one.id)} data-testid={`variant-${one.id}`}>
                <Face product={one} />
                <span class="ct-product__main">{one.row.options.map((option) => option.value).join(" · ")}</span>
                {!one.row.on_sale && <Badge>{c("off_sale")}</Badge>}
                <strong class="num">{money(one.row.price, one.row.currency)}</strong>
              </button>
            </li>
          ))}
        </ul>
        {!fresh && !ready && <p class="muted small">{e("variant_first")}</p>}
        {!fresh && form.group === null && siblings.length > 0 && <p class="small">{e("left_group")}</p>}
        <span class="ct-actions">
          {!fresh && ready && (
            <Button size="s" icon="plus" busy={busy} onClick={onAdd} data-testid="variant-add">
              {e("add_variant")}
            </Button>
          )}
          {!fresh && fixed && (
            <Button size="s" onClick={() => onForm({ group: null })}>
              {e("leave_group")}
            </Button>
          )}
        </span>
      </section>
    </div>
  );
}
