/** What the store has: counting it, correcting it, and receiving what other stores have sent. */

import { useEffect, useState } from "preact/hooks";
import { money } from "../../core/i18n";
import type { Product } from "../../core/types";
import { Button, IconButton } from "../../design/button";
import { TextInput } from "../../design/fields";
import { Icon } from "../../design/icons";
import { Badge } from "../../design/labels";
import { EmptyState, ErrorState } from "../../design/notices";
import { Skeleton } from "../../design/progress";
import type { CounterState } from "./counter_state";
import { EditStock } from "./edit_stock";
import { Scanner } from "./scanner";
import { t } from "./text";
import { Transfers } from "./transfers";

export function Stock({ state }: { state: CounterState }) {
  const [error, setError] = useState<unknown>(null);
  const [search, setSearch] = useState("");
  const [editing, setEditing] = useState<Product | null>(null);
  const [scanning, setScanning] = useState(false);
  const rows = state.shelf.rows.value;
  const load = () => {
    setError(null);
    state.shelf.load().catch((failure) => state.shelf.rows.value === null && setError(failure));
  };
  useEffect(load, [state]);
  const shown = rows === null ? null : state.shelf.search(search);
  return (
    <div class="ct-stock">
      <Transfers state={state} />
      <div class="row">
        <div class="grow">
          <TextInput
            label={t("search")}
            labelHidden
            type="search"
            placeholder={t("search")}
            start={<Icon name="search" size={20} />}
            value={search}
            onValue={setSearch}
            data-testid="stock-search"
          />
        </div>
        <IconButton icon="camera" label={t("scan")} variant="soft" onClick={() => setScanning(true)} data-testid="stock-scan" />
      </div>
      {error !== null && <ErrorState error={error} onRetry={load} />}
      {rows === null && error === null && [1, 2, 3, 4, 5].map((row) => <Skeleton key={row} height="76px" />)}
      {shown?.length === 0 && <EmptyState icon="box" title={rows?.length === 0 ? t("no_products") : t("nothing_found")} />}
      <ul class="ct-products">
        {shown?.map(({ product, available, low, reserved }) => (
          <li key={product.id} class="ct-product" data-testid={`stock-${product.id}`}>
            {product.image_url ? <img src={product.image_url} alt="" loading="lazy" /> : <span class="ct-line__blank" />}
            <span class="grow">
              <span class="ct-product__name">{product.name}</span>
              <span class="muted small num">
                {money(product.price, product.currency)}
                {reserved > 0 && ` · ${t("reserved", { n: reserved })}`}
              </span>
            </span>
            {state.outbox.of(product.id).length > 0 && <Badge tone="warn">{t("unsent")}</Badge>}
            {available === 0 ? (
              <Badge tone="bad">{t("out")}</Badge>
            ) : (
              <span class="ct-product__count num" data-low={low ? "yes" : "no"}>
                {t("available", { n: available })}
              </span>
            )}
            <Button size="s" onClick={() => setEditing(product)} data-testid={`stock-${product.id}-edit`}>
              {t("edit_stock")}
            </Button>
          </li>
        ))}
      </ul>
      {editing && <EditStock key={editing.id} product={editing} state={state} onClose={() => setEditing(null)} />}
      {scanning && (
        <Scanner
          title={t("scan")}
          onCode={(code) => {
            const row = state.shelf.byBarcode(code);
            if (!row) return { good: false, text: t("code_unknown", { code: code.trim() }) };
            setScanning(false);
            setEditing(row.product);
            return { good: true, text: row.product.name };
          }}
          onClose={() => setScanning(false)}
        />
      )}
    </div>
  );
}
