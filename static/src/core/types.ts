/** The objects of docs/protocol.md. Money is in minor units (fen), times are RFC 3339 UTC. */

import type { FlashSale, PinnedCoupon } from "./types_offers";

export * from "./types_buying";
export * from "./types_courier";
export * from "./types_offers";
export * from "./types_tracking";

export type Role = "guest" | "member" | "associate" | "staff" | "courier" | "operator" | "admin";

export interface Position {
  lon: number;
  lat: number;
}

export interface User {
  id: string;
  name: string;
  role: Role;
  store_id: string | null;
  store_name: string | null;
  login: string | null;
}

export interface Page<T> {
  items: T[];
  next: string | null;
}

export type ShowStatus = "draft" | "scheduled" | "live" | "paused" | "ended";
export type Signal = "none" | "on" | "lost";
export type EndReason = null | "ended" | "cut" | "timed_out";

export interface Product {
  id: string;
  name: string;
  description: string;
  image_url: string | null;
  price: number;
  currency: string;
  options: ProductOption[];
  group_id: string | null;
  pictures: ProductPicture[];
  available?: number;
  on_hand?: number;
}

/** What tells a variant from its siblings: colour, red. */
export interface ProductOption {
  name: string;
  value: string;
}

/** The address never shows another picture. */
export interface ProductPicture {
  url: string;
  alt: string;
}

/** A product of the card's product's group, itself included. `price` is what a buyer pays now. */
export interface Variant {
  product_id: string;
  options: ProductOption[];
  price: number;
  list_price: number;
  image_url: string;
}

export interface Card {
  id: string;
  product: Product;
  /** Empty where there is nothing to choose. */
  variants: Variant[];
  price: number;
  deal_price: number | null;
  sold_out: boolean;
  position: number;
  explaining_since: string | null;
  flash: FlashSale | null;
}

export interface Show {
  id: string;
  title: string;
  status: ShowStatus;
  store: { id: string; name: string; position: Position };
  associate: { id: string; name: string };
  cover_url: string | null;
  picture_url: string | null;
  scheduled_at: string | null;
  started_at: string | null;
  ended_at: string | null;
  end_reason: EndReason;
  pinned_card_id: string | null;
  cards: Card[];
  viewers: number;
  hearts: number;
  distance_m: number | null;
  signal: Signal;
  /** Pinned in the stream: to be claimed. */
  coupon: PinnedCoupon | null;
}

export interface ChatMessage {
  id: string;
  author: { id: string; name: string; role: Role | "host" };
  text: string;
  at: string;
  mine_ref?: string | null;
}

export interface MediaToken {
  token: string;
  url: string;
  expires_in: number;
  ice_servers: RTCIceServer[];
}

export interface Store {
  id: string;
  name: string;
  address: string;
  position: Position;
  distance_m: number | null;
  open: boolean;
  opens_at: string | null;
  in_range: boolean;
  paused?: boolean;
  paused_until?: string | null;
}
