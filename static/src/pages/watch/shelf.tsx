import { flashState, priceNow } from "../../buying/flash";
import { FlashBand } from "../../buying/flash_band";
import { canBuy, supplyText, type Supply } from "../../buying/supply";
import { serverNow, useTimeLeft } from "../../core/server_clock";
import type { Card, Show } from "../../core/types";
import { Button, IconButton } from "../../design/button";
import { cx } from "../../design/class_names";
import { Badge } from "../../design/labels";
import { EmptyState } from "../../design/notices";
import { Price } from "../../design/price";
import type { Room } from "./room";
import { t } from "./text";

/** The picture of a product, or a quiet box of its size. */
function Thumb({ card, class: extra }: { card: Card; class?: string }) {
  const { image_url: url } = card.product;
  return url ? <img class={cx("thumb", extra)} src={url} alt="" loading="lazy" /> : <span class={cx("thumb", extra)} />;
}

function soldOut(card: Card, supply: Supply): boolean {
  return card.sold_out || (typeof supply === "object" && !supply.available && supply.reason !== "out_of_range" && supply.reason !== "closed");
}

/** Draws again when the card's flash sale begins and ends. */
function usePrice(card: Card, show: Show): number {
  const { flash } = card;
  const now = serverNow();
  useTimeLeft(flash ? Date.parse(now < Date.parse(flash.starts_at) ? flash.starts_at : flash.ends_at) : null);
  return priceNow(card, null, show, now);
}

/** How far and how soon, or why not, in a line of its own that is there before it is known. */
function SupplyNote({ supply }: { supply: Supply }) {
  const says = supplyText(supply);
  return (
    <span class={cx("supply-note num", says?.tone === "warn" && "supply-note--warn")} data-testid="supply-note">
      {says?.text}
    </span>
  );
}

interface PinnedCardProps {
  room: Room;
  show: Show;
  card: Card;
  onBuy: (card: Card) => void;
}

/** The pinned card over the picture: what is being talked about now. */
export function PinnedCard({ room, show, card, onBuy }: PinnedCardProps) {
  const supply = room.supplyOf(card);
  const out = soldOut(card, supply);
  const price = usePrice(card, show);
  return (
    <article class={cx("pinned", card.flash && "pinned--flash")} data-testid="pinned-card" data-card={card.id} key={card.id}>
      {card.flash && <FlashBand flash={card.flash} />}
      <div class="pinned__main">
        <button type="button" class="pinned__more" onClick={() => onBuy(card)}>
          <Thumb card={card} class="pinned__image" />
          <span class="pinned__text">
            <span class="pinned__name">{card.product.name}</span>
            <Price amount={price} base={card.product.price} currency={card.product.currency} data-testid="pinned-price" />
            <SupplyNote supply={supply} />
          </span>
        </button>
        <Button variant="primary" disabled={out} onClick={() => onBuy(card)} data-testid="buy-button" class="pinned__buy">
          {out ? t("sold_out") : t("buy")}
        </Button>
      </div>
    </article>
  );
}

/** All cards of the show, the pinned one first. */
export function Shelf({ room, onBuy }: { room: Room; onBuy: (card: Card) => void }) {
  const show = room.show.value;
  if (!show) return null;
  if (show.cards.length === 0) return <EmptyState icon="bag" title={t("shelf_empty")} text={t("shelf_empty_text")} />;
  const pinned = room.pinned.value;
  const cards = pinned ? [pinned, ...show.cards.filter((card) => card !== pinned)] : show.cards;
  return (
    <ul class="shelf" data-testid="shelf">
      {cards.map((card) => (
        <ShelfCard key={card.id} show={show} card={card} number={show.cards.indexOf(card) + 1} pinned={card === pinned} supply={room.supplyOf(card)} onBuy={onBuy} />
      ))}
    </ul>
  );
}

interface ShelfCardProps {
  show: Show;
  card: Card;
  number: number;
  pinned: boolean;
  supply: Supply;
  onBuy: (card: Card) => void;
}

function ShelfCard({ show, card, number, pinned, supply, onBuy }: ShelfCardProps) {
  const out = soldOut(card, supply);
  const price = usePrice(card, show);
  const flash = card.flash && flashState(card.flash, serverNow()) === "running";
  return (
    <li class={cx("shelf-card", pinned && "shelf-card--pinned", out && "shelf-card--out")} data-testid="shelf-card" data-card={card.id}>
      <button type="button" class="shelf-card__main" onClick={() => onBuy(card)}>
        <span class="shelf-card__image">
          <Thumb card={card} />
          <span class="shelf-card__number num">{number}</span>
        </span>
        <span class="shelf-card__text">
          <span class="shelf-card__name">{card.product.name}</span>
          {flash ? (
            <Badge tone="accent" solid icon="bolt">
              {t("flash")}
            </Badge>
          ) : pinned ? (
            <Badge tone="accent" solid live>
              {t("explaining")}
            </Badge>
          ) : (
            <SupplyNote supply={supply} />
          )}
          <Price amount={price} base={card.product.price} currency={card.product.currency} />
        </span>
      </button>
      {out ? (
        <Badge>{t("sold_out")}</Badge>
      ) : (
        <IconButton
          icon="bag"
          variant={pinned ? "primary" : "soft"}
          label={`${t("buy")} ${card.product.name}`}
          disabled={!canBuy(card, supply)}
          onClick={() => onBuy(card)}
          data-testid="shelf-buy"
        />
      )}
    </li>
  );
}
