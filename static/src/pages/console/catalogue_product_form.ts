/** A product as its editor has it: prices as they are typed; and from there to what is sent. */

import type { ApiProblem } from "../../core/api";
import { money } from "../../core/i18n";
import type { ProductOption } from "../../core/types";
import type { ListedPrice, ProductEntry, ProductFile, ProductRow } from "../../core/types_catalogue";
import { KEY } from "./catalogue_draft";
import { e } from "./catalogue_edit_text";
import { barcodeFault, minorOf, moneyText } from "./catalogue_numbers";
import { c } from "./catalogue_text";

export interface StorePrice {
  store_id: string;
  price: string;
  member: string;
}

export interface ProductForm {
  key: string;
  name: string;
  description: string;
  barcode: string;
  tax_class: string;
  on_sale: boolean;
  group: string | null;
  options: ProductOption[];
  price: string;
  /** What members pay in all stores. */
  member: string;
  stores: StorePrice[];
}

/** By field; those of a store's prices by `store:<id>`. */
export type ProductFaults = Record<string, string>;
export type ProductPart = "facts" | "prices" | "pictures" | "variants";

export const FACTS: readonly (keyof ProductForm)[] = ["key", "name", "description", "barcode", "tax_class", "on_sale"];
const PRICES: readonly (keyof ProductForm)[] = ["price", "member", "stores"];

export function partOfField(field: string): ProductPart {
  if (field.startsWith("store:") || PRICES.some((one) => one === field)) return "prices";
  return field === "options" || field === "group" ? "variants" : "facts";
}

export function formOf(row: ProductRow, prices: readonly ListedPrice[]): ProductForm {
  return {
    key: row.key,
    name: row.name,
    description: row.description,
    barcode: row.barcode,
    tax_class: row.tax_class,
    on_sale: row.on_sale,
    group: row.group,
    options: row.options,
    price: moneyText(row.price),
    member: moneyText(prices.find((one) => one.store_id === null)?.member_price ?? null),
    stores: prices.flatMap(({ store_id, price, member_price }) =>
      store_id === null ? [] : [{ store_id, price: moneyText(price), member: moneyText(member_price) }],
    ),
  };
}

export function freshRow(key: string, currency: string): ProductRow {
  return { key, name: "", description: "", price: 0, currency, group: null, options: [], barcode: "", tax_class: "standard", on_sale: true };
}

/** Another variant: all but what tells it apart. */
export function variantRow(of: ProductRow, group: string, key: string): ProductRow {
  return { ...of, key, group, barcode: "", on_sale: true, options: of.options.map(({ name }) => ({ name, value: "" })) };
}

export function rowOf(form: ProductForm, currency: string): ProductRow {
  return {
    key: form.key,
    name: form.name.trim(),
    description: form.description.trim(),
    price: minorOf(form.price) ?? 0,
    currency,
    group: form.group,
    options: form.options.map(({ name, value }) => ({ name: name.trim(), value: value.trim() })),
    barcode: form.barcode.trim(),
    tax_class: form.tax_class,
    on_sale: form.on_sale,
  };
}

export function pricesOf(form: ProductForm): ListedPrice[] {
  const listed: ListedPrice[] = form.stores.map(({ store_id, price, member }) => ({ store_id, price: minorOf(price), member_price: minorOf(member) }));
  const all = minorOf(form.member);
  const rows = all === null ? listed : [{ store_id: null, price: null, member_price: all }, ...listed];
  return rows.filter(({ price, member_price }) => price !== null || member_price !== null);
}

function optionsFault(form: ProductForm, siblings: readonly ProductEntry[]): string | null {
  const names = form.options.map(({ name }) => name.trim().toLowerCase());
  const filled = form.options.every(({ name, value }) => name.trim() !== "" && value.trim() !== "");
  if (!filled || new Set(names).size < names.length) return e("bad_options");
  if (form.group === null || siblings.length === 0) return null;
  const values = (options: readonly ProductOption[]) => JSON.stringify(options.map(({ value }) => value.trim().toLowerCase()));
  return siblings.some(({ row }) => values(row.options) === values(form.options)) ? e("same_options") : null;
}

export function barcodeText(code: string): string | null {
  const fault = barcodeFault(code.trim());
  if (fault === null) return null;
  if (fault.kind === "figures") return e("bad_figures");
  return fault.kind === "check" ? e("bad_check", { figure: fault.right.slice(-1) }) : e("bad_length", { n: code.trim().length });
}

const bad = (text: string) => (text.trim() !== "" && minorOf(text) === null ? e("bad_price") : null);

/** All that is wrong with it, by field. */
export function faultsOf(form: ProductForm, siblings: readonly ProductEntry[]): ProductFaults {
  const found: Record<string, string | null> = {
    key: KEY.test(form.key) ? null : e("bad_key"),
    name: form.name.trim() === "" ? e("required") : null,
    barcode: barcodeText(form.barcode),
    options: optionsFault(form, siblings),
    price: minorOf(form.price) === null ? e("bad_price") : null,
    member: bad(form.member),
  };
  for (const one of form.stores) {
    found[`store:${one.store_id}:price`] = bad(one.price);
    found[`store:${one.store_id}:member`] = bad(one.member);
  }
  return Object.fromEntries(Object.entries(found).filter((pair): pair is [string, string] => pair[1] !== null));
}

/** Where in the form the server's refusal belongs, and its words there; null: nowhere. */
export function refusedAt(problem: ApiProblem): ProductFaults | null {
  const field = (problem.field ?? "").split(".")[0] ?? "";
  const sentences: ProductFaults = {
    barcode: e("barcode_taken"),
    options: c("p_bad_options"),
    price: e("bad_price"),
  };
  const known = [...FACTS, "price", "options"].some((one) => one === field);
  return known ? { [field]: sentences[field] ?? e("refused") } : null;
}

export interface PriceChange {
  what: string;
  from: string;
  to: string;
}

/** What becomes of prices when the form is saved. */
export function priceChanges(base: ProductForm, form: ProductForm, currency: string, storeName: (id: string) => string): PriceChange[] {
  const told: PriceChange[] = [];
  const shown = (minor: number | null) => (minor === null ? e("none") : money(minor, currency));
  const note = (what: string, before: string, after: string) => {
    const [from, to] = [minorOf(before), minorOf(after)];
    if (from !== to) told.push({ what, from: shown(from), to: shown(to) });
  };
  note(e("base_price"), base.price, form.price);
  note(e("member_all"), base.member, form.member);
  const ids = new Set([...base.stores, ...form.stores].map((one) => one.store_id));
  for (const id of ids) {
    const [before, after] = [base.stores, form.stores].map((rows) => rows.find((one) => one.store_id === id));
    note(e("price_of", { store: storeName(id) }), before?.price ?? "", after?.price ?? "");
    note(e("member_of", { store: storeName(id) }), before?.member ?? "", after?.member ?? "");
  }
  return told;
}

export function fieldNames(fields: readonly (keyof ProductForm)[]): string {
  const names: Partial<Record<keyof ProductForm, string>> = {
    name: e("name"),
    description: e("description"),
    barcode: e("barcode"),
    tax_class: e("tax_class"),
    on_sale: e("on_sale"),
    options: e("options"),
    group: e("siblings"),
    price: e("base_price"),
    member: e("member_all"),
    stores: e("store_prices"),
  };
  return fields.map((one) => names[one] ?? one).join(" · ");
}

export function fileForm(file: ProductFile): ProductForm {
  return formOf(file.row, file.prices);
}
