/** All that is kept of a product: its facts, prices, variants and pictures. */

import { useEffect, useState } from "preact/hooks";
import { get } from "../../core/api";
import { money } from "../../core/i18n";
import type { ProductEntry, ProductFile, StoreEntry } from "../../core/types_catalogue";
import { Badge } from "../../design/labels";
import { ErrorState } from "../../design/notices";
import { Skeleton } from "../../design/progress";
import { Sheet } from "../../design/sheet";
import { PictureList } from "./catalogue_pictures";
import { Face } from "./catalogue_products";
import { c } from "./catalogue_text";

interface ProductSheetProps {
  id: string;
  onOpen: (id: string) => void;
  onChanged: (product: ProductEntry) => void;
  onClose: () => void;
}

export function ProductSheet({ id, onOpen, onChanged, onClose }: ProductSheetProps) {
  const [product, setProduct] = useState<ProductFile | null>(null);
  const [error, setError] = useState<unknown>(null);
  const load = () => {
    setError(null);
    get<ProductFile>(`/api/catalogue/products/${id}`).then(setProduct, setError);
  };
  useEffect(load, [id]);
  const shown = product?.id === id ? product : null;
  return (
    <Sheet open title={shown?.row.name ?? ""} onClose={onClose} view={id} data-testid="product-sheet">
      {error !== null && <ErrorState error={error} onRetry={load} />}
      {shown === null && error === null && <Skeleton height="240px" />}
      {shown && (
        <div class="stack">
          <Facts product={shown} />
          <PictureList
            product={shown}
            onChanged={(changed) => {
              setProduct(changed);
              onChanged(changed);
            }}
          />
          <Prices product={shown} />
          {shown.variants.length > 0 && (
            <section>
              <h3>{c("variants")}</h3>
              <ul class="ct-variants">
                {shown.variants.map((one) => (
                  <li key={one.id}>
                    <button type="button" class="ct-product ct-product--slim" onClick={() => onOpen(one.id)}>
                      <Face product={one} />
                      <span class="ct-product__main">{one.row.options.map((option) => option.value).join(" · ")}</span>
                      <strong class="num">{money(one.row.price, one.row.currency)}</strong>
                    </button>
                  </li>
                ))}
              </ul>
            </section>
          )}
        </div>
      )}
    </Sheet>
  );
}

function Facts({ product }: { product: ProductFile }) {
  const { row } = product;
  return (
    <section>
      <p class="ct-price">
        <strong class="num">{money(row.price, row.currency)}</strong> {!row.on_sale && <Badge>{c("off_sale")}</Badge>}
      </p>
      <dl class="ct-facts">
        {row.options.map((one) => (
          <div key={one.name}>
            <dt>{one.name}</dt>
            <dd>{one.value}</dd>
          </div>
        ))}
        {row.barcode && (
          <div>
            <dt>{c("barcode")}</dt>
            <dd class="num">{row.barcode}</dd>
          </div>
        )}
        <div>
          <dt>{c("tax_class")}</dt>
          <dd>{row.tax_class}</dd>
        </div>
        {row.description && (
          <div>
            <dt>{c("description")}</dt>
            <dd>{row.description}</dd>
          </div>
        )}
      </dl>
    </section>
  );
}

function Prices({ product }: { product: ProductFile }) {
  const [names, setNames] = useState<Record<string, string>>({});
  useEffect(() => {
    if (!product.prices.some((one) => one.store_id !== null)) return;
    get<{ items: StoreEntry[] }>("/api/catalogue/stores").then(
      ({ items }) => setNames(Object.fromEntries(items.map((store) => [store.id, store.row.name]))),
      () => undefined, // the ids must do
    );
  }, [product.id]);
  return (
    <section>
      <h3>{c("price_lists")}</h3>
      {product.prices.length === 0 && <p class="muted">{c("no_prices")}</p>}
      {product.prices.length > 0 && (
        <table class="ct-prices">
          <thead>
            <tr>
              <th scope="col">{c("which")}</th>
              <th scope="col">{c("store_price")}</th>
              <th scope="col">{c("member_price")}</th>
            </tr>
          </thead>
          <tbody>
            {product.prices.map((one) => (
              <tr key={one.store_id ?? ""}>
                <th scope="row">{one.store_id === null ? c("all_stores") : (names[one.store_id] ?? one.store_id)}</th>
                <td class="num">{one.price === null ? "–" : money(one.price, product.row.currency)}</td>
                <td class="num">{one.member_price === null ? "–" : money(one.member_price, product.row.currency)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}
