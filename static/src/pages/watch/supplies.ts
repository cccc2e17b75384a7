/** What is known of where cards can be had from, as the stores' shelves change. */

import { isBack } from "../../buying/waiting_list";
import type { Availability, Supplied } from "../../core/types";
import type { Restocked } from "./room";

type Supplies = ReadonlyMap<string, Availability>;

/** With a store's new count, where that store is the one it comes from; null when that changes nothing here. */
export function withStock(supplies: Supplies | null, { product_id, card_ids, store_id, available }: Restocked): Supplies | null {
  if (!supplies) return null;
  let hit = false;
  const counted = <S extends Supplied>(one: S): S => {
    if (one.store_id !== store_id || available <= 0) return one;
    hit = true;
    return { ...one, available };
  };
  const next = new Map(supplies);
  for (const id of card_ids) {
    const card = supplies.get(id);
    if (!card) continue;
    const variants = card.variants.map((one) => (one.product_id === product_id ? counted(one) : one));
    next.set(id, { ...(card.product_id === product_id ? counted(card) : card), variants });
  }
  return hit ? next : null;
}

/** Somebody may wait for what can be had now. */
export function tellWhoWaits(items: readonly Availability[]): void {
  for (const item of items) {
    for (const one of [item, ...item.variants]) if (one.available) isBack(one.product_id);
  }
}
