import { useEffect, useState } from "preact/hooks";

import { followMe } from "../../buying/my_orders";
import { locate, place } from "../../core/geo";
import { mount } from "../../core/page";
import { problemText } from "../../core/problems";
import { startSession, user } from "../../core/session";
import { Button } from "../../design/button";
import { Icon } from "../../design/icons";
import { EmptyState, ErrorState } from "../../design/notices";
import { Skeleton } from "../../design/progress";
import { toast, Toasts } from "../../design/toast";
import { SiteBar } from "../../site/site_bar";
import "../watch/watch.css";
import "./home.css";
import { failure, keepFresh, listing, loadStores, refresh, type Listing } from "./listing";
import { awaitPerson, loadPlayer, opened } from "./opening";
import { PlaceSheet } from "./place_sheet";
import { ShowCard } from "./show_card";
import { t } from "./text";

function Home() {
  const [choosing, setChoosing] = useState(false);
  const where = place.value;

  useEffect(() => {
    void loadStores();
    // Whoever has been here before gets their orders; a first visit makes no session.
    startSession({ guests: false }).then(
      () => user.value && followMe(),
      () => undefined,
    );
    loadPlayer();
    const dismiss = awaitPerson();
    const tire = keepFresh();
    return () => {
      dismiss();
      tire();
    };
  }, []);
  useEffect(() => void refresh(), [where]);

  return (
    <>
      <SiteBar />
      <main class="page home">
        <header class="home__head">
          <div>
            <h1>{t("title")}</h1>
            <p class="home__lead muted">{t("lead")}</p>
          </div>
          {where && (
            <Button icon="pin" class="home__where" onClick={() => setChoosing(true)} data-testid="place-button">
              <span class="truncate">{where.label ? t("where_near", { place: where.label }) : t("where_me")}</span>
              <Icon name="chevron-down" size={16} />
            </Button>
          )}
        </header>
        {!where && <AskPlace onMap={() => setChoosing(true)} />}
        <Body />
      </main>
      <footer class="page home__foot muted small">{t("foot")}</footer>
      <PlaceSheet open={choosing} onClose={() => setChoosing(false)} />
      <Toasts />
    </>
  );
}

function Body() {
  if (listing.value) return <Shows listing={listing.value} />;
  if (failure.value !== null) return <ErrorState error={failure.value} title={t("failed")} onRetry={() => void refresh()} />;
  return <Loading />;
}

function AskPlace({ onMap }: { onMap: () => void }) {
  const [busy, setBusy] = useState(false);
  async function ask(): Promise<void> {
    setBusy(true);
    try {
      await locate();
    } catch (error) {
      toast(problemText(error), "bad");
    } finally {
      setBusy(false);
    }
  }
  return (
    <section class="home-ask" aria-label={t("ask_title")}>
      <span class="home-ask__icon">
        <Icon name="locate" size={28} />
      </span>
      <div class="home-ask__text">
        <strong>{t("ask_title")}</strong>
        <span class="muted small">{t("ask_text")}</span>
      </div>
      <div class="home-ask__do">
        <Button variant="inverse" busy={busy} onClick={() => void ask()} data-testid="locate">
          {t("place_use")}
        </Button>
        <Button variant="quiet" onClick={onMap} data-testid="place-button">
          {t("ask_map")}
        </Button>
      </div>
    </section>
  );
}

function Shows({ listing: { live, upcoming } }: { listing: Listing }) {
  if (live.length === 0 && upcoming.length === 0) {
    return (
      <EmptyState
        icon="broadcast"
        title={t("nothing")}
        text={t("nothing_text")}
        data-testid="empty"
        action={
          <Button icon="refresh" onClick={() => void refresh()}>
            {t("refresh")}
          </Button>
        }
      />
    );
  }
  return (
    <div class={`home-parts home-parts--${upcoming.length > 0 ? live.length : "all"}`}>
      <section class="home-part" aria-label={t("live_now")}>
        <h2 class="home-part__live">{t("live_now")}</h2>
        {live.length > 0 ? (
          <div class={live.length === 1 ? "show-grid show-grid--single" : "show-grid"} data-testid="live-shows">
            {live.map((show) => (
              <ShowCard key={show.id} show={show} />
            ))}
          </div>
        ) : (
          <div class="home-quiet">
            <Icon name="broadcast" size={28} />
            <span>
              <strong>{t("nobody_live")}</strong>
              <span class="muted">{t("nobody_live_text")}</span>
            </span>
          </div>
        )}
      </section>
      {upcoming.length > 0 && (
        <section class="home-part">
          <h2>{t("upcoming")}</h2>
          <div class="show-grid" data-testid="upcoming-shows">
            {upcoming.map((show) => (
              <ShowCard key={show.id} show={show} />
            ))}
          </div>
        </section>
      )}
    </div>
  );
}

function Loading() {
  return (
    <div class="show-grid" aria-busy="true">
      {[0, 1, 2, 3].map((at) => (
        <Skeleton key={at} ratio="3 / 4" class="show-card show-card--loading" />
      ))}
    </div>
  );
}

/** The list, or the show that was opened from it. */
function Front() {
  const over = opened.value;
  if (!over) return <Home />;
  return <over.part.Watch key={over.room.id} room={over.room} />;
}

mount(Front, () => (opened.value ? opened.value.part.titleOf(opened.value.room) : `${t("title")} · Nearlive`));
