/** The card that is on screen now, as the viewers see it, with the way to take it off. */

import { del } from "../../core/api";
import { problemText } from "../../core/problems";
import type { Show } from "../../core/types";
import { Button } from "../../design/button";
import { Price } from "../../design/price";
import { toast } from "../../design/toast";
import type { RoomState } from "./room_state";
import { t } from "./text";

export function PinnedStrip({ room }: { room: RoomState }) {
  const card = room.pinned.value;
  if (!card) return null;
  const unpin = async () => {
    try {
      room.take(await del<Show>(`/api/shows/${room.show.value.id}/cards/${card.id}/pin`));
    } catch (error) {
      toast(problemText(error), "bad");
    }
  };
  return (
    <div class="st-pinned" data-testid="pinned-card">
      {card.product.image_url ? <img src={card.product.image_url} alt="" /> : <span class="st-pinned__blank" />}
      <div class="grow">
        <p class="st-pinned__name truncate">{card.product.name}</p>
        <Price amount={card.price} base={card.product.price} size="s" />
      </div>
      <Button size="s" variant="glass" onClick={() => void unpin()} data-testid="unpin">
        {t("unpin")}
      </Button>
    </div>
  );
}
