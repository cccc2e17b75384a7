/** What the store has, with barcodes; kept on this machine so that scanning works without a network. */

import { signal } from "@preact/signals";
import { get } from "../../core/api";
import type { Product } from "../../core/types";

export interface StockRow {
  product: Product;
  barcode: string;
  on_hand: number;
  reserved: number;
  safety: number;
  available: number;
  low: boolean;
}

export class Shelf {
  readonly rows = signal<readonly StockRow[] | null>(null);
  private readonly kept: string;

  constructor(readonly storeId: string) {
    this.kept = `nearlive.shelf.${storeId}`;
    const text = localStorage.getItem(this.kept);
    if (text !== null) this.rows.value = JSON.parse(text) as StockRow[];
  }

  async load(): Promise<void> {
    const { items } = await get<{ items: StockRow[] }>(`/api/stores/${this.storeId}/stock`);
    this.keep(items);
  }

  /** The product of a scanned or typed code. EAN-13 with a leading 0 is UPC-A: readers say it either way. */
  byBarcode(code: string): StockRow | null {
    const wanted = bare(code);
    return this.rows.value?.find((row) => row.barcode !== "" && bare(row.barcode) === wanted) ?? null;
  }

  row(productId: string): StockRow | null {
    return this.rows.value?.find((row) => row.product.id === productId) ?? null;
  }

  search(text: string): StockRow[] {
    const wanted = text.trim().toLowerCase();
    return (this.rows.value ?? []).filter(
      (row) => row.product.name.toLowerCase().includes(wanted) || (wanted !== "" && row.barcode.includes(wanted)),
    );
  }

  take(row: StockRow): void {
    this.keep((this.rows.value ?? []).map((one) => (one.product.id === row.product.id ? row : one)));
  }

  setAvailable(productId: string, available: number): void {
    const row = this.row(productId);
    if (row) this.take({ ...row, available });
  }

  private keep(rows: StockRow[]): void {
    this.rows.value = rows;
    localStorage.setItem(this.kept, JSON.stringify(rows));
  }
}

function bare(code: string): string {
  return code.trim().replace(/^0+/, "");
}
