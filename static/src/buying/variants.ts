/** Choosing among variants: by one option at a time, with what can be had greyed by what cannot. Pure. */

import type { Card, ProductOption, Variant } from "../core/types";

/** One option of a group ("colour"), and its values in the catalogue's order. */
export interface Axis {
  name: string;
  values: readonly string[];
}

const valueOf = (options: readonly ProductOption[], name: string): string | undefined => options.find((one) => one.name === name)?.value;

export function axesOf(variants: readonly Variant[]): Axis[] {
  const names = variants[0]?.options.map(({ name }) => name) ?? [];
  return names.map((name) => ({ name, values: [...new Set(variants.flatMap(({ options }) => valueOf(options, name) ?? []))] }));
}

/** The variant that one gets by changing one option of `from`: the same in all others, else the nearest in the options before it. */
export function changed(variants: readonly Variant[], from: Variant, axis: string, value: string): Variant | null {
  const fitting = variants.filter(({ options }) => valueOf(options, axis) === value);
  const alike = (one: Variant) => from.options.filter(({ name, value: own }) => name !== axis && valueOf(one.options, name) === own).length;
  return [...fitting].sort((a, b) => alike(b) - alike(a))[0] ?? null;
}

/** Whether this value goes with everything else that is chosen, in a variant that can be had. */
export function canHave(variants: readonly Variant[], chosen: Variant, axis: string, value: string, had: (id: string) => boolean): boolean {
  return variants.some(
    ({ product_id, options }) =>
      had(product_id) && valueOf(options, axis) === value && chosen.options.every((own) => own.name === axis || valueOf(options, own.name) === own.value),
  );
}

/** The chosen variant of a card: by its id, else the card's own product. */
export function variantOf(card: Card, productId: string | null): Variant | null {
  const variants = card.variants ?? [];
  return variants.find((one) => one.product_id === productId) ?? variants.find((one) => one.product_id === card.product.id) ?? variants[0] ?? null;
}

/** "Rose · 30 ml" */
export function optionsText(options: readonly ProductOption[] | undefined): string {
  return (options ?? []).map(({ value }) => value).join(" · ");
}
