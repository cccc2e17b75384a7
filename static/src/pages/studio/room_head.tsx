/** The top of the live room: what the show is doing, for how long, who watches, how well it is sent, and the end. */

import { useEffect, useState } from "preact/hooks";
import { compact, duration, number } from "../../core/i18n";
import { Button, IconButton } from "../../design/button";
import { Icon } from "../../design/icons";
import { Badge } from "../../design/labels";
import type { Broadcast } from "./broadcast";
import { ShareSheet } from "./share";
import { t } from "./text";

interface RoomHeadProps {
  broadcast: Broadcast;
  onLeave: () => void;
  onEnd: () => void;
}

export function RoomHead({ broadcast, onLeave, onEnd }: RoomHeadProps) {
  const show = broadcast.room.show.value;
  const on = show.status === "live" || show.status === "paused";
  const [sharing, setSharing] = useState(false);
  return (
    <>
      <header class="st-head">
        <div class="st-head__row">
          {!on && <IconButton icon="back" variant="glass" label={t("back")} onClick={onLeave} data-testid="leave-room" />}
          <div class="st-head__title">
            <strong class="truncate">{show.title}</strong>
            <span class="truncate">{show.store.name}</span>
          </div>
          <IconButton icon="share" variant="glass" label={t("watch_link")} onClick={() => setSharing(true)} data-testid="share-show" />
          {on && (
            <Button variant="glass" size="s" onClick={onEnd} disabled={broadcast.busy.value !== null} data-testid="end-show">
              {t("end")}
            </Button>
          )}
        </div>
        {on && (
          <div class="st-head__facts">
            {show.status === "live" ? (
              <Badge tone="accent" solid live data-testid="live-badge">
                {t("live")} <LiveTime since={show.started_at} />
              </Badge>
            ) : (
              <Badge tone="warn" solid icon="pause">
                {t("paused")}
              </Badge>
            )}
            <span class="st-fact num" data-testid="viewer-count">
              <Icon name="eye" size={16} label={t("viewers")} />
              {compact(show.viewers)}
            </span>
            <span class="st-fact num">
              <Icon name="heart-solid" size={16} label={t("hearts")} />
              {compact(show.hearts)}
            </span>
            <ConnectionPill broadcast={broadcast} />
          </div>
        )}
      </header>
      <ShareSheet show={show} open={sharing} onClose={() => setSharing(false)} />
    </>
  );
}

function LiveTime({ since }: { since: string | null }) {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  return <span class="num">{duration(since ? (now - Date.parse(since)) / 1000 : 0)}</span>;
}

function ConnectionPill({ broadcast }: { broadcast: Broadcast }) {
  const [detail, setDetail] = useState(false);
  const state = broadcast.publisher.state.value;
  // A paused show sends next to nothing, which says nothing of the network.
  const quality = broadcast.room.show.value.status === "live" ? broadcast.quality.value : null;
  const grade = state === "sending" ? (quality?.grade ?? "good") : state === "idle" ? "idle" : "bad";
  const label =
    state === "reconnecting"
      ? t("c_reconnecting")
      : state === "connecting"
        ? t("c_connecting")
        : t(`c_${state === "sending" ? (quality?.grade ?? "good") : "idle"}`);
  return (
    <button
      type="button"
      class="st-fact st-connection"
      data-grade={grade}
      data-state={state}
      aria-expanded={detail ? "true" : "false"}
      onClick={() => setDetail(!detail)}
      data-testid="connection-pill"
    >
      <Icon name={state === "sending" ? "signal" : "signal-off"} size={16} />
      {detail && quality
        ? t("quality_detail", {
            size: Math.min(quality.width, quality.height),
            layers: quality.layers,
            kbps: number(Math.round(quality.kbps)),
            fps: Math.round(quality.fps),
            loss: number(Math.round(quality.loss * 1000) / 10),
            rtt: Math.round(quality.rtt),
          })
        : label}
    </button>
  );
}
