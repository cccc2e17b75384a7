/** The shelf: the show's cards in their order, and the store's products to add. */

import { useState } from "preact/hooks";
import { del, patch, post, put } from "../../core/api";
import { problemText } from "../../core/problems";
import type { Card, Product, Show } from "../../core/types";
import { Button } from "../../design/button";
import { EmptyState } from "../../design/notices";
import { toast } from "../../design/toast";
import { DealDialog } from "./deal_dialog";
import { useDragOrder } from "./drag_order";
import type { RoomState } from "./room_state";
import { ShelfAdd } from "./shelf_add";
import { FlashDialog } from "./flash_dialog";
import { ShelfCard } from "./shelf_card";
import { t } from "./text";

export function Shelf({ room }: { room: RoomState }) {
  const show = room.show.value;
  const [adding, setAdding] = useState(false);
  const [busy, setBusy] = useState<string | null>(null);
  const [deal, setDeal] = useState<Card | null>(null);
  const [flash, setFlash] = useState<Card | null>(null);
  const path = `/api/shows/${show.id}/cards`;

  const run = async (what: string, call: () => Promise<Show>) => {
    setBusy(what);
    try {
      room.take(await call());
    } catch (error) {
      toast(problemText(error), "bad");
    } finally {
      setBusy(null);
    }
  };
  const putCards = (what: string, cards: readonly { product: Product; deal_price: number | null }[]) =>
    run(what, () =>
      put<Show>(path, {
        cards: cards.map(({ product, deal_price }) =>
          deal_price === null ? { product_id: product.id } : { product_id: product.id, deal_price },
        ),
      }),
    );
  const move = (from: number, to: number) => {
    const cards = [...show.cards];
    const [card] = cards.splice(from, 1);
    if (!card || to < 0 || to > cards.length) return;
    cards.splice(to, 0, card);
    room.show.value = { ...show, cards };
    void putCards("order", cards);
  };
  const drag = useDragOrder(show.cards.length, move);

  if (adding) {
    return (
      <ShelfAdd
        room={room}
        busy={busy}
        onAdd={(product) => void putCards(product.id, [...show.cards, { product, deal_price: null }])}
        onRemove={(card) => void putCards(card.product.id, show.cards.filter((one) => one.id !== card.id))}
        onDone={() => setAdding(false)}
      />
    );
  }
  return (
    <div class="st-shelf">
      <div class="st-shelf__head st-shelf__head--list">
        <h2 class="st-side__title">
          {t("shelf_of")} <span class="muted num">{show.cards.length}</span>
        </h2>
        <Button size="s" icon="plus" onClick={() => setAdding(true)} data-testid="add-products">
          {t("add_products")}
        </Button>
      </div>
      {show.cards.length === 0 && (
        <EmptyState icon="bag" title={t("shelf_empty")} text={t("shelf_empty_text")} data-testid="shelf-empty" />
      )}
      <ol class="st-shelf__list" ref={drag.list}>
        {show.cards.map((card, at) => (
          <ShelfCard
            key={card.id}
            card={card}
            at={at}
            last={at === show.cards.length - 1}
            pinned={card.id === show.pinned_card_id}
            stock={room.products.value?.find((product) => product.id === card.product.id)?.available}
            busy={busy === card.id}
            shift={drag.shiftOf(at)}
            dragged={drag.from === at}
            grip={drag.gripOf(at)}
            onPin={(on) => {
              const url = `${path}/${card.id}/pin`;
              void run(card.id, () => (on ? post<Show>(url) : del<Show>(url)));
            }}
            onSoldOut={(sold_out) => void run(card.id, () => patch<Show>(`${path}/${card.id}`, { sold_out }))}
            onMove={(by) => move(at, at + by)}
            onRemove={() => void putCards(card.id, show.cards.filter((one) => one.id !== card.id))}
            onDeal={() => setDeal(card)}
            onFlash={() => setFlash(card)}
          />
        ))}
      </ol>
      <FlashDialog
        showId={show.id}
        card={flash}
        pinned={flash?.id === show.pinned_card_id}
        onClose={() => setFlash(null)}
        onStarted={(card, started) => {
          setFlash(null);
          room.flash(card.id, started);
        }}
      />
      <DealDialog
        card={deal}
        onClose={() => setDeal(null)}
        onSave={(card, deal_price) => {
          setDeal(null);
          void run(card.id, () => patch<Show>(`${path}/${card.id}`, { deal_price }));
        }}
      />
    </div>
  );
}
