/** What a product is called, is told to be, and how it is taxed. */

import { useRef, useState } from "preact/hooks";
import { number } from "../../core/i18n";
import type { CatalogueTerms } from "../../core/types_catalogue";
import { Button } from "../../design/button";
import { Select, TextArea, TextInput } from "../../design/fields";
import { Icon } from "../../design/icons";
import { Switch } from "../../design/toggles";
import { keyFor } from "./catalogue_draft";
import { e } from "./catalogue_edit_text";
import { barcodeFault } from "./catalogue_numbers";
import { barcodeText, type ProductFaults, type ProductForm } from "./catalogue_product_form";

export interface ProductPartProps {
  form: ProductForm;
  faults: ProductFaults;
  fresh: boolean;
  onForm: (change: Partial<ProductForm>) => void;
}

export function ProductFactsPart({ form, faults, fresh, terms, onForm }: ProductPartProps & { terms: CatalogueTerms }) {
  const [fallback] = useState(form.key);
  const keyed = useRef(form.name !== "");
  const known = terms.tax_classes.some((one) => one.name === form.tax_class);
  const classes = terms.tax_classes.map(({ name, rate }) => ({ value: name, label: e("tax_option", { name, rate: number(rate / 100) }) }));
  return (
    <div class="stack">
      <TextInput
        label={e("name")}
        error={faults["name"] ?? null}
        value={form.name}
        maxLength={200}
        onValue={(name) => onForm(fresh && !keyed.current ? { name, key: keyFor(name, fallback) } : { name })}
        data-testid="product-name"
      />
      {fresh && (
        <TextInput
          label={e("key")}
          hint={e("key_hint")}
          error={faults["key"] ?? null}
          value={form.key}
          maxLength={60}
          autocapitalize="none"
          spellcheck={false}
          onValue={(key) => {
            keyed.current = true;
            onForm({ key: key.toLowerCase() });
          }}
          data-testid="product-key"
        />
      )}
      <TextArea
        label={e("description")}
        hint={e("description_hint")}
        error={faults["description"] ?? null}
        rows={4}
        value={form.description}
        maxLength={5000}
        onValue={(description) => onForm({ description })}
        data-testid="product-description"
      />
      <Barcode code={form.barcode} refused={faults["barcode"]} onCode={(barcode) => onForm({ barcode })} />
      <Select
        label={e("tax_class")}
        hint={terms.prices_include_tax ? e("tax_inside") : e("tax_on_top")}
        error={faults["tax_class"] ?? null}
        value={form.tax_class}
        options={known ? classes : [...classes, { value: form.tax_class, label: e("tax_unknown", { name: form.tax_class }) }]}
        onValue={(tax_class) => onForm({ tax_class })}
        data-testid="product-tax"
      />
      <Switch label={e("on_sale")} hint={e("on_sale_hint")} checked={form.on_sale} onChange={(on_sale) => onForm({ on_sale })} data-testid="product-on-sale" />
    </div>
  );
}

/** Its check digit is looked at while it is typed; a length only once it may be whole. */
function Barcode({ code, refused, onCode }: { code: string; refused: string | undefined; onCode: (code: string) => void }) {
  const [left, setLeft] = useState(false);
  const fault = barcodeFault(code.trim());
  const early = fault?.kind === "length" && !left;
  const told = fault === null ? (refused ?? null) : early ? null : barcodeText(code);
  const good = code.trim() !== "" && fault === null && refused === undefined;
  return (
    <div>
      <TextInput
        label={e("barcode")}
        hint={good ? e("barcode_good") : e("barcode_hint")}
        error={told}
        inputMode="numeric"
        class="num"
        value={code}
        maxLength={20}
        onValue={(value) => {
          setLeft(false);
          onCode(value);
        }}
        onBlur={() => setLeft(true)}
        {...(good ? { end: <Icon name="check" size={20} /> } : {})}
        data-testid="product-barcode"
      />
      {fault?.kind === "check" && (
        <Button size="s" onClick={() => onCode(fault.right)} data-testid="barcode-right">
          {e("use_right", { code: fault.right })}
        </Button>
      )}
    </div>
  );
}
