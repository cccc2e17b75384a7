/** Choosing from the store's products. */

import { useEffect, useState } from "preact/hooks";
import { money } from "../../core/i18n";
import type { Card, Product } from "../../core/types";
import { Button } from "../../design/button";
import { TextInput } from "../../design/fields";
import { Icon } from "../../design/icons";
import { EmptyState } from "../../design/notices";
import { Skeleton } from "../../design/progress";
import type { RoomState } from "./room_state";
import { t } from "./text";

interface ShelfAddProps {
  room: RoomState;
  busy: string | null;
  onAdd: (product: Product) => void;
  onRemove: (card: Card) => void;
  onDone: () => void;
}

export function ShelfAdd({ room, busy, onAdd, onRemove, onDone }: ShelfAddProps) {
  const [search, setSearch] = useState("");
  const [failed, setFailed] = useState(false);
  const products = room.products.value;
  const cards = room.show.value.cards;
  const wanted = search.trim().toLowerCase();
  const found = products?.filter((product) => product.name.toLowerCase().includes(wanted));
  const reload = async () => {
    setFailed(false);
    await room.loadProducts();
    setFailed(room.products.value === null);
  };
  useEffect(() => {
    if (products !== null || failed) return undefined;
    const timer = setTimeout(() => setFailed(true), 5_000);
    return () => clearTimeout(timer);
  }, [products, failed]);

  return (
    <div class="st-shelf">
      <div class="st-shelf__head">
        <h2 class="st-side__title">{t("add_products")}</h2>
        <Button size="s" variant="primary" onClick={onDone} data-testid="add-done">
          {t("done")}
        </Button>
      </div>
      <TextInput
        label={t("search")}
        labelHidden
        type="search"
        placeholder={t("search")}
        start={<Icon name="search" size={20} />}
        value={search}
        onValue={setSearch}
        data-testid="product-search"
      />
      {products === null && !failed && [1, 2, 3, 4].map((row) => <Skeleton key={row} height="72px" />)}
      {products === null && failed && (
        <EmptyState
          icon="alert"
          title={t("products_failed")}
          action={
            <Button icon="refresh" onClick={() => void reload()}>
              {t("retry")}
            </Button>
          }
        />
      )}
      {found?.length === 0 && <EmptyState icon="search" title={t("nothing_found")} />}
      <ul class="st-shelf__list">
        {found?.map((product) => {
          const card = cards.find((one) => one.product.id === product.id);
          return (
            <li key={product.id} class="st-item">
              <div class="st-item__main">
                <span class="st-item__picture">
                  {product.image_url ? <img src={product.image_url} alt="" loading="lazy" /> : <Icon name="image" size={20} />}
                </span>
                <span class="st-item__text">
                  <span class="st-item__name">{product.name}</span>
                  <span class="st-item__facts num">
                    {money(product.price, product.currency)}
                    {product.available !== undefined && <span>{t("stock", { n: product.available })}</span>}
                  </span>
                </span>
                {card ? (
                  <Button
                    size="s"
                    icon="check"
                    busy={busy === product.id}
                    onClick={() => onRemove(card)}
                    data-testid={`product-${product.id}-remove`}
                  >
                    {t("added")}
                  </Button>
                ) : (
                  <Button
                    size="s"
                    variant="primary"
                    busy={busy === product.id}
                    disabled={busy !== null}
                    onClick={() => onAdd(product)}
                    data-testid={`product-${product.id}-add`}
                  >
                    {t("add")}
                  </Button>
                )}
              </div>
            </li>
          );
        })}
      </ul>
    </div>
  );
}
