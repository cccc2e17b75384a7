/** What a product costs: everywhere, in one store, for members; and what changes when it is saved. */

import { useState } from "preact/hooks";
import type { StoreEntry } from "../../core/types_catalogue";
import { Button, IconButton } from "../../design/button";
import { Select, TextInput } from "../../design/fields";
import { Icon } from "../../design/icons";
import { e } from "./catalogue_edit_text";
import { minorOf } from "./catalogue_numbers";
import { priceChanges, type ProductForm, type StorePrice } from "./catalogue_product_form";
import type { ProductPartProps } from "./catalogue_product_facts";
import { c } from "./catalogue_text";

interface PricesPartProps extends ProductPartProps {
  base: ProductForm;
  currency: string;
  stores: readonly StoreEntry[];
}

export function ProductPricesPart({ form, base, faults, fresh, currency, stores, onForm }: PricesPartProps) {
  const [adding, setAdding] = useState("");
  const nameOf = (id: string) => stores.find((one) => one.id === id)?.row.name ?? id;
  const free = stores.filter((store) => !form.stores.some((one) => one.store_id === store.id));
  const change = (id: string, part: Partial<StorePrice>) => onForm({ stores: form.stores.map((one) => (one.store_id === id ? { ...one, ...part } : one)) });
  const changes = fresh ? [] : priceChanges(base, form, currency, nameOf);
  const useless = (member: string, price: string) => {
    const [less, usual] = [minorOf(member), minorOf(price)];
    return less !== null && usual !== null && less >= usual ? e("member_useless") : null;
  };
  return (
    <div class="stack">
      <div class="ct-pair">
        <PriceInput label={e("base_price")} hint={e("base_price_hint")} error={faults["price"]} value={form.price} onValue={(price) => onForm({ price })} testId="price-base" />
        <PriceInput
          label={e("member_all")}
          hint={useless(form.member, form.price) ?? e("member_hint")}
          error={faults["member"]}
          value={form.member}
          onValue={(member) => onForm({ member })}
          testId="price-member"
        />
      </div>
      <section>
        <h3>{e("store_prices")}</h3>
        <p class="muted small">{form.stores.length === 0 ? e("no_store_prices") : e("store_prices_text")}</p>
        <ul class="ct-store-prices">
          {form.stores.map((one) => {
            const name = nameOf(one.store_id);
            const empty = one.price.trim() === "" && one.member.trim() === "";
            const note = empty ? e("row_empty") : useless(one.member || form.member, one.price || form.price);
            return (
              <li key={one.store_id} data-testid={`price-${one.store_id}`}>
                <span class="ct-store-prices__name">
                  <b>{name}</b>
                  <IconButton
                    icon="trash"
                    size={20}
                    label={`${c("remove")}: ${name}`}
                    onClick={() => onForm({ stores: form.stores.filter((other) => other.store_id !== one.store_id) })}
                  />
                </span>
                <div class="ct-pair">
                  <PriceInput
                    label={e("price")}
                    name={e("price_of", { store: name })}
                    error={faults[`store:${one.store_id}:price`]}
                    placeholder={form.price}
                    value={one.price}
                    onValue={(price) => change(one.store_id, { price })}
                  />
                  <PriceInput
                    label={e("member")}
                    name={e("member_of", { store: name })}
                    error={faults[`store:${one.store_id}:member`]}
                    placeholder={form.member}
                    value={one.member}
                    onValue={(member) => change(one.store_id, { member })}
                  />
                </div>
                {note && <p class="muted small">{note}</p>}
              </li>
            );
          })}
        </ul>
        {free.length > 0 && (
          <Select
            label={e("add_store_price")}
            value={adding}
            options={[{ value: "", label: e("choose_store") }, ...free.map((store) => ({ value: store.id, label: store.row.name }))]}
            onValue={(id) => {
              setAdding("");
              if (id !== "") onForm({ stores: [...form.stores, { store_id: id, price: "", member: "" }] });
            }}
            data-testid="price-add-store"
          />
        )}
      </section>
      {!fresh && (
        <section class="ct-changes-box" aria-live="polite" data-testid="price-changes">
          <h3>{e("on_save")}</h3>
          {changes.length === 0 && <p class="muted small">{e("nothing_changes")}</p>}
          <ul>
            {changes.map(({ what, from, to }) => (
              <li key={what}>
                <span>{what}</span>
                <span class="num">
                  <s class="muted">{from}</s> <Icon name="chevron-right" size={16} /> <b>{to}</b>
                </span>
              </li>
            ))}
          </ul>
          {changes.length > 0 && (
            <Button size="s" onClick={() => onForm({ price: base.price, member: base.member, stores: base.stores })}>
              {e("undo")}
            </Button>
          )}
        </section>
      )}
    </div>
  );
}

interface PriceInputProps {
  label: string;
  /** The whole of the label, where what is seen is not enough. */
  name?: string;
  hint?: string;
  error: string | undefined;
  placeholder?: string;
  value: string;
  onValue: (value: string) => void;
  testId?: string;
}

function PriceInput({ label, name, hint, error, placeholder, value, onValue, testId }: PriceInputProps) {
  return (
    <TextInput
      label={label}
      {...(hint === undefined ? {} : { hint })}
      {...(placeholder ? { placeholder } : {})}
      {...(name === undefined ? {} : { "aria-label": name })}
      {...(testId === undefined ? {} : { "data-testid": testId })}
      error={error ?? null}
      inputMode="decimal"
      start="¥"
      value={value}
      maxLength={12}
      onValue={onValue}
    />
  );
}
