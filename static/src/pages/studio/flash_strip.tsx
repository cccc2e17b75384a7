/** The flash sales of a show, over the picture: how long each goes on, how many are taken, what came in, and the way to stop it. */

import { useEffect, useState } from "preact/hooks";
import { flashState } from "../../buying/flash";
import { del } from "../../core/api";
import { duration, money } from "../../core/i18n";
import { problemText } from "../../core/problems";
import { serverNow, useTimeLeft } from "../../core/server_clock";
import type { Card, FlashSale } from "../../core/types";
import { Button } from "../../design/button";
import { Confirm } from "../../design/dialog";
import { Icon } from "../../design/icons";
import { toast } from "../../design/toast";
import { t } from "./flash_text";
import type { RoomState } from "./room_state";

export function FlashStrips({ room }: { room: RoomState }) {
  const cards = room.show.value.cards.filter(({ flash }) => Boolean(flash));
  const last = room.ended.value;
  useEffect(() => {
    if (!last) return;
    const sold = last.total - last.left;
    toast(t("over", { sold, total: last.total, amount: money(sold * last.price) }), "good", 8_000);
    room.ended.value = null;
  }, [last]);
  return (
    <>
      {cards.map((card) => card.flash && <FlashStrip key={card.flash.id} room={room} card={card} flash={card.flash} />)}
    </>
  );
}

function FlashStrip({ room, card, flash }: { room: RoomState; card: Card; flash: FlashSale }) {
  const [asking, setAsking] = useState(false);
  const [busy, setBusy] = useState(false);
  const state = flashState(flash, serverNow());
  const left = useTimeLeft(Date.parse(state === "soon" ? flash.starts_at : flash.ends_at));
  const sold = flash.total - flash.left;

  async function stop(): Promise<void> {
    setBusy(true);
    try {
      await del(`/api/shows/${room.show.value.id}/flash/${flash.id}`);
      room.flash(card.id, null);
    } catch (error) {
      toast(problemText(error), "bad");
    } finally {
      setBusy(false);
      setAsking(false);
    }
  }

  return (
    <div class="st-flash" data-testid="flash-strip" data-state={state}>
      <Icon name="bolt" size={20} />
      <div class="grow">
        <p class="st-flash__name truncate">{card.product.name}</p>
        <p class="st-flash__facts num" aria-live="off">
          <strong role="timer" data-testid="flash-strip-time">{duration(Math.ceil(left / 1000))}</strong>
          <span>{t(state === "over" ? "gone" : state)}</span>
          <span data-testid="flash-sold">{t("sold_of", { sold, total: flash.total })}</span>
          <span>{money(sold * flash.price, card.product.currency)}</span>
        </p>
        <span class="flash__bar" aria-hidden="true">
          <span class="flash__fill" style={{ width: `${(100 * sold) / Math.max(1, flash.total)}%` }} />
        </span>
      </div>
      <Button size="s" variant="glass" onClick={() => setAsking(true)} data-testid="flash-stop">
        {t("stop")}
      </Button>
      <Confirm
        open={asking}
        title={t("stop_q")}
        text={t("stop_text")}
        confirmLabel={t("stop_yes")}
        cancelLabel={t("stop_no")}
        danger
        busy={busy}
        onConfirm={() => void stop()}
        onClose={() => setAsking(false)}
      />
    </div>
  );
}
