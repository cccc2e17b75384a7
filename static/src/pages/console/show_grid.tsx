/** All shows that are on, each with a still that is fetched anew every few seconds. */

import { useEffect, useState } from "preact/hooks";
import { ago, compact, number } from "../../core/i18n";
import type { ConsoleShow } from "../../core/types_console";
import { cx } from "../../design/class_names";
import { Icon } from "../../design/icons";
import { Badge } from "../../design/labels";
import { EmptyState, ErrorState } from "../../design/notices";
import { Skeleton } from "../../design/progress";
import { Choice } from "../../design/toggles";
import { now } from "../../work/clock";
import type { ConsoleState } from "./console_state";
import { t } from "./text";

const STILL_EVERY = 5_000;

export function ShowGrid({ state, open }: { state: ConsoleState; open: string | null }) {
  if (state.refusal.value !== null) return <ErrorState error={state.refusal.value} />;
  const shows = state.shows.value;
  return (
    <section class="cs-shows" aria-label={t("shows")}>
      <header class="cs-shows__head">
        <h1>
          {t("shows")} <span class="muted num">{shows.length}</span>
        </h1>
        <Choice
          label={t("sort")}
          value={state.order.value}
          options={[
            { value: "attention", label: t("sort_attention") },
            { value: "viewers", label: t("sort_viewers") },
          ]}
          onChange={(order) => (state.order.value = order)}
        />
      </header>
      {!state.loaded.value && (
        <div class="cs-grid" aria-label={t("loading")}>
          {[1, 2, 3, 4].map((tile) => (
            <Skeleton key={tile} ratio="3 / 4" />
          ))}
        </div>
      )}
      {state.loaded.value && shows.length === 0 && (
        <EmptyState icon="broadcast" title={t("none_shows")} text={t("none_shows_text")} data-testid="no-shows" />
      )}
      <ul class="cs-grid">
        {shows.map((show) => (
          <li key={show.id}>
            <Tile show={show} open={show.id === open} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function Tile({ show, open }: { show: ConsoleShow; open: boolean }) {
  const flags = show.flags.length;
  return (
    <a
      class={cx("cs-tile", open && "cs-tile--open", (show.open_reports > 0 || flags > 0) && "cs-tile--alert")}
      href={`#shows/${show.id}`}
      data-testid={`console-show-${show.id}`}
    >
      <Still show={show} />
      <span class="cs-tile__top">
        {show.status === "paused" ? (
          <Badge tone="warn" solid icon="pause">
            {t("paused")}
          </Badge>
        ) : show.signal === "lost" ? (
          <Badge tone="bad" solid icon="signal-off">
            {t("lost")}
          </Badge>
        ) : (
          <Badge tone="accent" solid live>
            {t("live")}
          </Badge>
        )}
        {show.open_reports > 0 && (
          <Badge tone="bad" solid icon="flag">
            {t("open_reports", { n: show.open_reports })}
          </Badge>
        )}
        {flags > 0 && (
          <Badge tone="warn" solid icon="alert">
            {t("flags", { n: flags })}
          </Badge>
        )}
      </span>
      <span class="cs-tile__bottom">
        <span class="cs-tile__title">{show.title}</span>
        <span class="cs-tile__facts num">
          <span>
            <Icon name="eye" size={15} label={t("watching")} /> {compact(show.viewers)}
          </span>
          <span>
            <Icon name="chat" size={15} label={t("chat")} /> {number(show.chat_rate)}
            {t("per_minute")}
          </span>
          {show.warned_at && <span>{t("warned", { time: ago(show.warned_at, now.value) })}</span>}
        </span>
        <span class="cs-tile__who truncate">
          {show.associate.name} · {show.store.name}
        </span>
      </span>
    </a>
  );
}

/** The newest still, swapped in when it has loaded, so that the tile never flashes. */
export function Still({ show }: { show: ConsoleShow }) {
  const [shown, setShown] = useState<string | null>(null);
  const { picture_url, signal } = show;
  useEffect(() => {
    if (!picture_url || signal === "none") return undefined;
    let over = false;
    const load = () => {
      if (document.visibilityState !== "visible") return;
      const url = `${picture_url}${picture_url.includes("?") ? "&" : "?"}at=${Math.floor(Date.now() / 1000)}`;
      const image = new Image();
      image.onload = () => !over && setShown(url);
      image.src = url;
    };
    load();
    const timer = setInterval(load, STILL_EVERY);
    return () => {
      over = true;
      clearInterval(timer);
    };
  }, [picture_url, signal]);
  if (shown) return <img class="cs-still" src={shown} alt="" />;
  if (show.cover_url) return <img class="cs-still cs-still--cover" src={show.cover_url} alt="" />;
  return (
    <span class="cs-still cs-still--none">
      <Icon name="camera" size={28} />
      {t("no_picture")}
    </span>
  );
}
