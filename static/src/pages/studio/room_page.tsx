/** Loads one show and decides: the room, or the summary of one that has ended. */

import { useEffect, useState } from "preact/hooks";
import { get } from "../../core/api";
import type { Show } from "../../core/types";
import { Button } from "../../design/button";
import { ErrorState } from "../../design/notices";
import { Spinner } from "../../design/progress";
import { Broadcast } from "./broadcast";
import { Room } from "./room";
import { Summary } from "./summary";
import { t } from "./text";

export function RoomPage({ id, onLeave }: { id: string; onLeave: () => void }) {
  const [broadcast, setBroadcast] = useState<Broadcast | null>(null);
  const [ended, setEnded] = useState<Show | null>(null);
  const [error, setError] = useState<unknown>(null);
  const load = async () => {
    setError(null);
    try {
      const show = await get<Show>(`/api/shows/${encodeURIComponent(id)}`);
      if (show.status === "ended") setEnded(show);
      else setBroadcast(new Broadcast(show));
    } catch (failure) {
      setError(failure);
    }
  };
  useEffect(() => void load(), [id]);
  useEffect(() => {
    broadcast?.open();
    return () => broadcast?.close();
  }, [broadcast]);

  if (error !== null) {
    return (
      <main class="w-centred">
        <ErrorState error={error} onRetry={() => void load()} />
        <Button variant="quiet" onClick={onLeave}>
          {t("back")}
        </Button>
      </main>
    );
  }
  if (ended) return <Summary show={ended} tally={null} onDone={onLeave} />;
  if (!broadcast) {
    return (
      <main class="w-centred">
        <Spinner size={32} label={t("loading")} />
      </main>
    );
  }
  return <Room broadcast={broadcast} onLeave={onLeave} />;
}
