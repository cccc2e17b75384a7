import { place } from "../../core/geo";
import { compact, distance, when } from "../../core/i18n";
import type { Show } from "../../core/types";
import { Icon } from "../../design/icons";
import { Avatar, Badge } from "../../design/labels";
import { Price } from "../../design/price";
import { stillOf } from "../../site/pictures";
import { round } from "./listing";
import { intend, open } from "./opening";
import { Still } from "./still";
import { t } from "./text";

/** A show as a tall picture: what is on screen, whose it is, how far away, and what is on offer. */
export function ShowCard({ show }: { show: Show }) {
  const live = show.status === "live" || show.status === "paused";
  const pinned = show.cards.find(({ id }) => id === show.pinned_card_id);
  return (
    <a
      class="show-card"
      href={`/watch/${show.id}`}
      data-testid="show-card"
      data-show={show.id}
      onPointerEnter={() => intend(show)}
      onPointerDown={() => intend(show)}
      onFocus={() => intend(show)}
      onClick={(event) => open(event, show)}
    >
      <Still src={stillOf(show)} fallback={show.cover_url} round={round.value} />
      <span class="show-card__shade" />
      <span class="show-card__top">
        {show.status === "live" && (
          <Badge tone="accent" solid live>
            {t("live")}
          </Badge>
        )}
        {show.status === "paused" && <Badge solid>{t("paused")}</Badge>}
        {!live && show.scheduled_at && (
          <Badge solid icon="clock">
            <span class="num">{when(show.scheduled_at)}</span>
          </Badge>
        )}
        {live && (
          <span class="show-card__viewers num">
            <Icon name="eye" size={14} />
            {compact(show.viewers)}
          </span>
        )}
      </span>
      <span class="show-card__low">
        <strong class="show-card__title">{show.title}</strong>
        <span class="show-card__who">
          <Avatar name={show.associate.name} size={24} />
          <span class="truncate">
            {show.store.name}
            {place.value && show.distance_m !== null && <span class="num"> · {distance(show.distance_m)}</span>}
          </span>
        </span>
        {pinned && (
          <span class="show-card__deal">
            {pinned.product.image_url && <img src={pinned.product.image_url} alt="" loading="lazy" />}
            <span>
              <span class="truncate">{pinned.product.name}</span>
              <Price amount={pinned.price} base={pinned.product.price} currency={pinned.product.currency} size="s" />
            </span>
          </span>
        )}
      </span>
    </a>
  );
}
