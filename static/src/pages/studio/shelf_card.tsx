/** One card on the shelf: what it is, and everything that can be done with it. */

import { useState } from "preact/hooks";
import { money } from "../../core/i18n";
import type { Card } from "../../core/types";
import { Button, IconButton } from "../../design/button";
import { cx } from "../../design/class_names";
import { Icon } from "../../design/icons";
import { Badge } from "../../design/labels";
import { t as offer } from "./flash_text";
import { t } from "./text";

interface ShelfCardProps {
  card: Card;
  at: number;
  last: boolean;
  pinned: boolean;
  stock: number | undefined;
  busy: boolean;
  /** Pixels that the row gives way for the dragged one. */
  shift: number;
  dragged: boolean;
  grip: { onPointerDown: (event: PointerEvent) => void };
  onPin: (on: boolean) => void;
  onSoldOut: (on: boolean) => void;
  onMove: (by: number) => void;
  onRemove: () => void;
  onDeal: () => void;
  onFlash: () => void;
}

export function ShelfCard(props: ShelfCardProps) {
  const { card, at, last, pinned, stock, busy, shift, dragged, grip } = props;
  const [more, setMore] = useState(false);
  const { product } = card;
  return (
    <li
      class={cx("st-item", pinned && "st-item--pinned", dragged && "st-item--dragged", card.sold_out && "st-item--out")}
      style={shift === 0 ? undefined : { transform: `translateY(${shift}px)` }}
      data-testid={`card-${card.id}`}
    >
      <div class="st-item__main">
        <span class="st-item__grip" title={t("drag")} aria-hidden="true" {...grip}>
          <Icon name="grip" size={20} />
        </span>
        <span class="st-item__picture">
          {product.image_url ? <img src={product.image_url} alt="" loading="lazy" /> : <Icon name="image" size={20} />}
          <span class="st-item__number num">{at + 1}</span>
        </span>
        <span class="st-item__text">
          <span class="st-item__name">{product.name}</span>
          <span class="st-item__facts num">
            {money(product.price, product.currency)}
            {card.deal_price !== null && (
              <b>
                {t("deal")} {money(card.deal_price, product.currency)}
              </b>
            )}
            {card.flash && (
              <Badge tone="accent" icon="bolt">
                {money(card.flash.price, product.currency)}
              </Badge>
            )}
            {card.sold_out ? (
              <Badge tone="bad">{t("sold_out")}</Badge>
            ) : (
              stock !== undefined && <span>{t("stock", { n: stock })}</span>
            )}
          </span>
        </span>
        <Button
          size="s"
          variant={pinned ? "secondary" : "primary"}
          busy={busy}
          disabled={card.sold_out && !pinned}
          aria-pressed={pinned ? "true" : "false"}
          onClick={() => props.onPin(!pinned)}
          data-testid={`pin-${card.id}`}
        >
          {pinned ? t("unpin") : t("pin")}
        </Button>
        <IconButton
          icon="more"
          size={20}
          label={t("options")}
          aria-expanded={more ? "true" : "false"}
          onClick={() => setMore(!more)}
          data-testid={`more-${card.id}`}
        />
      </div>
      {more && (
        <div class="st-item__more">
          <Button size="s" variant="quiet" icon="tag" onClick={props.onDeal} data-testid={`deal-${card.id}`}>
            {t("deal_set")}
          </Button>
          <Button size="s" variant="quiet" icon="bolt" disabled={Boolean(card.flash) || card.sold_out} onClick={props.onFlash} data-testid={`flash-${card.id}`}>
            {offer("flash_start")}
          </Button>
          <Button
            size="s"
            variant="quiet"
            icon="ban"
            onClick={() => props.onSoldOut(!card.sold_out)}
            data-testid={`sold-out-${card.id}`}
          >
            {card.sold_out ? t("unmark_sold_out") : t("mark_sold_out")}
          </Button>
          <Button size="s" variant="quiet" icon="arrow-up" disabled={at === 0} onClick={() => props.onMove(-1)}>
            {t("move_up")}
          </Button>
          <Button size="s" variant="quiet" icon="arrow-down" disabled={last} onClick={() => props.onMove(1)}>
            {t("move_down")}
          </Button>
          <Button size="s" variant="quiet" icon="trash" onClick={props.onRemove} data-testid={`remove-${card.id}`}>
            {t("remove")}
          </Button>
        </div>
      )}
    </li>
  );
}
