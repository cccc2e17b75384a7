/** The objects of docs/protocol.md that only admins see: stores and products as files have them, and what an import says. */

import type { ProductOption } from "./types";

export const DAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"] as const;
export type Day = (typeof DAYS)[number];

export interface SpecialDay {
  date: string;
  /** "09:00-18:00"; none: closed. */
  hours: string[];
  note: string;
}

export interface StoreRow {
  key: string;
  name: string;
  address: string;
  position: { lon: number; lat: number };
  time_zone: string;
  hours: Record<Day, string[]>;
  special_days: SpecialDay[];
  delivery_radius_m: number | null;
  area: { type: "Polygon"; coordinates: [number, number][][] } | null;
  capacity: number | null;
  phone: string;
}

export interface StoreEntry {
  id: string;
  /** What `match` of a write says was seen. */
  revision: number;
  row: StoreRow;
  open: boolean;
  opens_at: string | null;
  paused: boolean;
  paused_until: string | null;
  taken: number;
}

export interface ProductRow {
  key: string;
  name: string;
  description: string;
  price: number;
  currency: string;
  group: string | null;
  options: ProductOption[];
  barcode: string;
  tax_class: string;
  on_sale: boolean;
}

export interface PictureEntry {
  id: string;
  url: string;
  alt: string;
}

export interface ProductEntry {
  id: string;
  revision: number;
  row: ProductRow;
  image_url: string | null;
  pictures: PictureEntry[];
}

export interface ListedPrice {
  /** Null: in all stores. */
  store_id: string | null;
  price: number | null;
  member_price: number | null;
}

export interface ProductFile extends ProductEntry {
  prices: ListedPrice[];
  variants: ProductEntry[];
}

export interface CatalogueTerms {
  currency: string;
  prices_include_tax: boolean;
  /** `rate` in basis points. */
  tax_classes: { name: string; rate: number }[];
}

export const SECTIONS = ["stores", "products", "prices", "stock"] as const;
export type Section = (typeof SECTIONS)[number];

export interface ImportProblem {
  section: string;
  row: number | null;
  column: string;
  code: string;
  reason: string;
  value: string;
}

export interface ImportReport {
  applied: boolean;
  rows: Partial<Record<Section, number>>;
  problem_count: number;
  problems: ImportProblem[];
  change_count: number;
  changes: { section: string; key: string; what: string }[];
}
