/** What the store has, and setting it right in two taps. */

import { useEffect, useState } from "preact/hooks";
import { get, patch } from "../../core/api";
import { money } from "../../core/i18n";
import { problemText } from "../../core/problems";
import type { Product } from "../../core/types";
import { Button } from "../../design/button";
import { TextInput } from "../../design/fields";
import { Icon } from "../../design/icons";
import { Badge } from "../../design/labels";
import { EmptyState, ErrorState } from "../../design/notices";
import { Skeleton } from "../../design/progress";
import { Sheet } from "../../design/sheet";
import { toast } from "../../design/toast";
import { Choice, Stepper } from "../../design/toggles";
import type { CounterState } from "./counter_state";
import { t } from "./text";

const REASONS = ["count", "delivery", "damaged"] as const;

export function Stock({ state }: { state: CounterState }) {
  const [products, setProducts] = useState<Product[] | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [search, setSearch] = useState("");
  const [editing, setEditing] = useState<Product | null>(null);
  const load = () => {
    setError(null);
    get<{ items: Product[] }>(`/api/stores/${state.storeId}/products`).then(({ items }) => setProducts(items), setError);
  };
  useEffect(load, [state]);
  const wanted = search.trim().toLowerCase();
  const shown = products
    ?.map((product) => ({ ...product, available: state.available.value.get(product.id) ?? product.available ?? 0 }))
    .filter((product) => product.name.toLowerCase().includes(wanted));

  return (
    <div class="ct-stock">
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
      {error !== null && <ErrorState error={error} onRetry={load} />}
      {products === null && error === null && [1, 2, 3, 4, 5].map((row) => <Skeleton key={row} height="76px" />)}
      {shown?.length === 0 && (
        <EmptyState icon="box" title={products?.length === 0 ? t("no_products") : t("nothing_found")} />
      )}
      <ul class="ct-products">
        {shown?.map((product) => (
          <li key={product.id} class="ct-product" data-testid={`stock-${product.id}`}>
            {product.image_url ? <img src={product.image_url} alt="" loading="lazy" /> : <span class="ct-line__blank" />}
            <span class="grow">
              <span class="ct-product__name">{product.name}</span>
              <span class="muted small num">{money(product.price, product.currency)}</span>
            </span>
            {product.available === 0 ? (
              <Badge tone="bad">{t("out")}</Badge>
            ) : (
              <span class="ct-product__count num" data-low={product.available < 4 ? "yes" : "no"}>
                {t("available", { n: product.available })}
              </span>
            )}
            <Button size="s" onClick={() => setEditing(product)} data-testid={`stock-${product.id}-edit`}>
              {t("edit_stock")}
            </Button>
          </li>
        ))}
      </ul>
      {editing && (
        <EditStock
          product={editing}
          storeId={state.storeId}
          onClose={() => setEditing(null)}
          onSaved={(saved) => {
            setEditing(null);
            setProducts((old) => old?.map((one) => (one.id === saved.id ? { ...one, ...saved } : one)) ?? null);
            if (saved.available !== undefined) {
              state.available.value = new Map(state.available.value).set(saved.id, saved.available);
            }
            toast(t("saved"), "good");
          }}
        />
      )}
    </div>
  );
}

interface EditStockProps {
  product: Product;
  storeId: string;
  onClose: () => void;
  onSaved: (product: Product) => void;
}

function EditStock({ product, storeId, onClose, onSaved }: EditStockProps) {
  const [count, setCount] = useState(product.on_hand ?? product.available ?? 0);
  const [reason, setReason] = useState<(typeof REASONS)[number]>("count");
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string | null>(null);
  const save = async () => {
    setBusy(true);
    try {
      onSaved(
        await patch<Product>(`/api/stores/${storeId}/products/${product.id}/stock`, { on_hand: count, reason }),
      );
    } catch (failure) {
      setError(problemText(failure));
      setBusy(false);
    }
  };
  return (
    <Sheet
      open
      title={product.name}
      closeLabel={t("close")}
      onClose={onClose}
      wide="middle"
      footer={
        <Button variant="primary" size="l" wide busy={busy} onClick={() => void save()} data-testid="stock-save">
          {t("set")}
        </Button>
      }
    >
      <div class="stack ct-edit">
        <TextInput
          label={t("on_hand")}
          error={error}
          inputMode="numeric"
          value={String(count)}
          onValue={(text) => setCount(Math.min(99_999, Number(text.replace(/\D/g, "")) || 0))}
          end={
            <Stepper
              label={t("on_hand")}
              value={count}
              min={0}
              max={99_999}
              onChange={setCount}
            />
          }
          data-testid="stock-on-hand"
        />
        <div class="w-setting">
          <span class="w-setting__label">{t("stock_reason")}</span>
          <Choice
            label={t("stock_reason")}
            value={reason}
            options={REASONS.map((value) => ({ value, label: t(`r_${value}`) }))}
            onChange={setReason}
          />
        </div>
      </div>
    </Sheet>
  );
}
