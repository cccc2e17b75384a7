/** Find products, see what is kept of them, look after their pictures. */

import { useEffect, useRef, useState } from "preact/hooks";
import { get } from "../../core/api";
import { money } from "../../core/i18n";
import type { ProductEntry } from "../../core/types_catalogue";
import { Button } from "../../design/button";
import { TextInput } from "../../design/fields";
import { Icon } from "../../design/icons";
import { Badge } from "../../design/labels";
import { EmptyState, ErrorState } from "../../design/notices";
import { Skeleton } from "../../design/progress";
import { chanceKey } from "./catalogue_draft";
import { e } from "./catalogue_edit_text";
import { freshRow } from "./catalogue_product_form";
import { ProductSheet, type ProductTarget } from "./catalogue_product_sheet";
import { c } from "./catalogue_text";
import { t } from "./text";

/** Milliseconds without a key until what was typed is looked for. */
const SETTLED = 250;

interface Found {
  items: ProductEntry[];
  next: string | null;
}

export function CatalogueProducts() {
  const [text, setText] = useState("");
  const [found, setFound] = useState<Found | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [open, setOpen] = useState<ProductTarget | null>(null);
  const asked = useRef<AbortController | null>(null);
  const load = async (q: string, after: string | null) => {
    asked.current?.abort();
    const { signal } = (asked.current = new AbortController());
    setError(null);
    try {
      const page = await get<Found>("/api/catalogue/products", { q, after, limit: 30 }, { signal });
      setFound((old) => (after !== null && old ? { items: [...old.items, ...page.items], next: page.next } : page));
    } catch (failure) {
      if (!signal.aborted) setError(failure);
    }
  };
  useEffect(() => {
    const timer = setTimeout(() => void load(text.trim(), null), found === null ? 0 : SETTLED);
    return () => clearTimeout(timer);
  }, [text]);
  const change = (product: ProductEntry) =>
    setFound((old) => {
      if (!old) return old;
      const known = old.items.some((one) => one.id === product.id);
      return { ...old, items: known ? old.items.map((one) => (one.id === product.id ? product : one)) : [product, ...old.items] };
    });
  return (
    <>
      <div class="ct-head">
        <TextInput
          label={c("search")}
          labelHidden
          type="search"
          placeholder={c("search_hint")}
          enterkeyhint="search"
          start={<Icon name="search" size={20} />}
          value={text}
          maxLength={100}
          onValue={setText}
          class="ct-search"
          data-testid="product-search"
        />
        <Button
          variant="primary"
          icon="plus"
          onClick={() => setOpen({ row: freshRow(chanceKey("product"), "CNY"), siblings: [] })}
          data-testid="product-new"
        >
          {e("new_product")}
        </Button>
      </div>
      {error !== null && <ErrorState error={error} onRetry={() => void load(text.trim(), null)} />}
      {found === null && error === null && (
        <div class="ct-list">{[1, 2, 3, 4].map((row) => <Skeleton key={row} height="80px" />)}</div>
      )}
      {found?.items.length === 0 && <EmptyState icon="tag" title={c("no_products")} />}
      <ul class="ct-list ct-list--products" aria-live="polite">
        {found?.items.map((product) => (
          <li key={product.id}>
            <button type="button" class="ct-product" onClick={() => setOpen({ id: product.id })} data-testid={`product-${product.id}`}>
              <Face product={product} />
              <span class="ct-product__main">
                <span class="ct-product__name">{product.row.name}</span>
                {product.row.options.length > 0 && (
                  <span class="small">{product.row.options.map((one) => one.value).join(" · ")}</span>
                )}
                <span class="muted small ct-product__codes">
                  <span class="num">{product.row.barcode || product.row.key}</span>
                </span>
              </span>
              <span class="ct-product__end">
                <strong class="num">{money(product.row.price, product.row.currency)}</strong>
                {!product.row.on_sale && <Badge>{c("off_sale")}</Badge>}
              </span>
            </button>
          </li>
        ))}
      </ul>
      {found?.next && <Button onClick={() => void load(text.trim(), found.next)} data-testid="more">{t("more")}</Button>}
      {open !== null && (
        <ProductSheet
          target={open}
          onOpen={setOpen}
          onChanged={change}
          onClose={() => setOpen(null)}
        />
      )}
    </>
  );
}

export function Face({ product }: { product: ProductEntry }) {
  return (
    <span class="ct-face">
      {product.image_url ? <img src={product.image_url} alt="" loading="lazy" /> : <Icon name="image" size={24} />}
    </span>
  );
}
