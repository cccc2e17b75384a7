import { useEffect, useRef, useState } from "preact/hooks";

import { BuySheet } from "../../buying/buy_sheet";
import { CouponPin } from "../../buying/coupon_pin";
import { sanction } from "../../buying/my_orders";
import { socket } from "../../core/socket";
import type { Card, Show } from "../../core/types";
import { IconButton } from "../../design/button";
import { Badge } from "../../design/labels";
import { Skeleton } from "../../design/progress";
import { Sheet } from "../../design/sheet";
import { SiteBar } from "../../site/site_bar";
import { ChatForm, ChatList } from "./chat";
import type { Entry } from "./chat_log";
import { curtainFor } from "./curtain";
import { Hearts } from "./hearts";
import { OrderPill } from "./order_pill";
import { Player, type Controls } from "./player";
import { QualitySheet } from "./quality_sheet";
import { ReportSheet } from "./report_sheet";
import type { Room } from "./room";
import { PinnedCard, Shelf } from "./shelf";
import { StageBar } from "./stage_bar";
import { t } from "./text";
import { useWide } from "./wide";

/** What is being bought: the card by its id, so that its price follows the show. */
interface Purchase {
  cardId: string;
  turn: number;
}

export function Stage({ room }: { room: Room }) {
  const wide = useWide();
  const [purchase, setPurchase] = useState<Purchase | null>(null);
  const [buying, setBuying] = useState(false);
  const [shelf, setShelf] = useState(false);
  const [subject, setSubject] = useState<Entry | "show" | null>(null);
  const [controls, setControls] = useState<Controls | null>(null);
  const [choosing, setChoosing] = useState(false);
  const root = useRef<HTMLDivElement>(null);
  const show = room.show.value;
  const banned = room.banned.value;
  const going = goesOn(room);
  // The curtain of a show to come has its title in sight.
  const coming = show?.status === "draft" || show?.status === "scheduled";
  // A show that was cut sells nothing; one that ended still does.
  const selling = show !== null && !banned && show.end_reason !== "cut";

  const goal = room.goal.value;
  useEffect(() => void room.askSupplies(), [goal?.lon, goal?.lat, show?.cards.length]);

  const told = sanction.value;
  useEffect(() => {
    if (told === null || (told.show_id !== null && told.show_id !== room.id)) return;
    if (told.kind === "ban") room.banned.value = true;
    else room.mutedUntil.value = told.until;
  }, [told]);

  useKeyboardPatience(root);

  function buy(card: Card): void {
    setShelf(false);
    setPurchase((last) => ({ cardId: card.id, turn: (last?.turn ?? 0) + 1 }));
    setBuying(true);
  }

  const card = show?.cards.find(({ id }) => id === purchase?.cardId);
  return (
    <div class="watch" ref={root}>
      {wide && <SiteBar />}
      <main class="watch__room">
        {!coming && <h1 class="sr-only">{show?.title ?? t("player")}</h1>}
        {wide && (
          <aside class="watch__shelf" aria-label={t("shelf")}>
            <h2 class="watch__heading">{t("shelf")}</h2>
            <div class="watch__scroll">{show ? selling && <Shelf room={room} onBuy={buy} /> : <ShelfSkeleton />}</div>
          </aside>
        )}
        <section class="stage theme-dark" aria-label={show?.title ?? t("player")}>
          <Picture room={room} show={show} onControls={setControls} {...(wide ? {} : { onShelf: () => setShelf(true) })} />
          <StageBar room={room} going={going} controls={going ? controls : null} onQuality={() => setChoosing(true)} onReport={() => setSubject("show")} />
          {show && (
            <div class="stage__low">
              {going && !wide && <Talk room={room} onReport={setSubject} />}
              {going && wide && <Sale room={room} />}
              {selling && going && show.coupon && <CouponPin coupon={show.coupon} />}
              {selling && room.pinned.value && <PinnedCard room={room} show={show} card={room.pinned.value} onBuy={buy} />}
              <div class="stage__tools">
                {!wide && selling && (
                  <IconButton icon="bag" variant="glass" label={t("shelf")} count={show.cards.length} onClick={() => setShelf(true)} data-testid="shelf-button" />
                )}
                {!wide && <div class="stage__form">{!banned && <ChatForm room={room} />}</div>}
                {going && <Hearts room={room} hearts={show.hearts} />}
              </div>
            </div>
          )}
        </section>
        {wide && (
          <aside class="watch__chat" aria-label={t("chat")}>
            <h2 class="watch__heading">{t("chat")}</h2>
            <ChatList room={room} onReport={setSubject} />
            {!banned && <ChatForm room={room} />}
          </aside>
        )}
      </main>
      {!wide && (
        <Sheet open={shelf} onClose={() => setShelf(false)} title={t("shelf_count", { n: show?.cards.length ?? 0 })} clear data-testid="shelf-sheet">
          <Shelf room={room} onBuy={buy} />
        </Sheet>
      )}
      {show && card && (
        <BuySheet key={purchase?.turn} show={show} card={card} supplyOf={(id) => room.supplyOf(card, id)} open={buying} onClose={() => setBuying(false)} />
      )}
      {!wide && <OrderPill />}
      <QualitySheet open={choosing && going} onClose={() => setChoosing(false)} layers={controls?.layers ?? []} side={controls?.side ?? 0} />
      <ReportSheet showId={room.id} subject={subject} onClose={() => setSubject(null)} />
    </div>
  );
}

function goesOn(room: Room): boolean {
  const status = room.show.value?.status;
  return !room.banned.value && (status === "live" || status === "paused");
}

interface PictureProps {
  room: Room;
  show: Show | null;
  onControls: (controls: Controls) => void;
  /** Where what was shown is not in sight beside the picture. */
  onShelf?: () => void;
}

function Picture({ room, show, onControls, onShelf }: PictureProps) {
  if (!show) return <div class="player" data-testid="player" data-state="loading" />;
  const banned = room.banned.value;
  const over = !goesOn(room);
  return (
    <>
      {over ? <div class="player" data-testid="player" data-state="over" /> : <Player show={show} goesOn={() => goesOn(room)} onControls={onControls} />}
      {curtainFor(show, banned, onShelf)}
    </>
  );
}

function Talk({ room, onReport }: { room: Room; onReport: (entry: Entry) => void }) {
  return (
    <div class="stage__talk">
      <Sale room={room} />
      <ChatList room={room} onReport={onReport} />
    </div>
  );
}

function Sale({ room }: { room: Room }) {
  const sale = room.sale.value;
  const lost = socket.state.value === "offline" || socket.state.value === "waiting";
  return (
    <div class="stage__ticker" aria-live="polite">
      {lost ? (
        <Badge solid icon="signal-off" data-testid="offline">
          {t("offline")}
        </Badge>
      ) : (
        sale && (
          <span class="sale" data-testid="sale">
            {t("sale", { buyer: sale.buyer_name, product: sale.product_name })}
            {sale.quantity > 1 && ` × ${sale.quantity}`}
          </span>
        )
      )}
    </div>
  );
}

function ShelfSkeleton() {
  return (
    <div class="stack" aria-busy="true">
      <Skeleton height="96px" />
      <Skeleton height="96px" />
      <Skeleton height="96px" />
    </div>
  );
}

/** Holds the picture still while the phone's keyboard takes half of the window. */
function useKeyboardPatience(root: { current: HTMLElement | null }): void {
  useEffect(() => {
    const element = root.current;
    if (!element) return;
    const hold = (event: FocusEvent) => {
      if (event.target instanceof HTMLInputElement) element.style.setProperty("--stage-height", `${window.innerHeight}px`);
    };
    const release = () => element.style.removeProperty("--stage-height");
    element.addEventListener("focusin", hold);
    element.addEventListener("focusout", release);
    return () => {
      element.removeEventListener("focusin", hold);
      element.removeEventListener("focusout", release);
    };
  }, []);
}
