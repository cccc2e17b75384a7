/** Prices as the clock has them: what the server says of a flash sale's status follows within a second. Pure. */

import type { Card, FlashSale, Show, Variant } from "../core/types";

export type FlashState = "soon" | "running" | "gone" | "over";

export function flashState(flash: FlashSale, now: number): FlashState {
  if (flash.status === "ended" || flash.status === "cancelled" || now >= Date.parse(flash.ends_at)) return "over";
  if (now < Date.parse(flash.starts_at)) return "soon";
  return flash.left <= 0 || flash.status === "sold_out" ? "gone" : "running";
}

/** What one piece of the card's product, or of a variant of it, costs without any deal. */
export function listPrice(card: Card, variant: Variant | null): number {
  return variant?.list_price ?? card.product.price;
}

/** What it costs now: a deal holds while the card is pinned, a flash price while its sale runs; a variant gets as much off. */
export function priceNow(card: Card, variant: Variant | null, show: Show, now: number): number {
  const offers = [
    show.pinned_card_id === card.id ? card.deal_price : null,
    card.flash && flashState(card.flash, now) === "running" ? card.flash.price : null,
  ].filter((price) => price !== null);
  const list = listPrice(card, variant);
  return Math.max(1, list - Math.max(0, ...offers.map((price) => card.product.price - price)));
}
