import { compact, distance } from "../../core/i18n";
import { metresBetween } from "../../core/geo";
import { IconButton } from "../../design/button";
import { Icon } from "../../design/icons";
import { Avatar, Badge } from "../../design/labels";
import { Skeleton } from "../../design/progress";
import { toast } from "../../design/toast";
import type { Controls } from "./player";
import type { Room } from "./room";
import { t } from "./text";

export interface StageBarProps {
  room: Room;
  /** Whether there is something to watch. */
  going: boolean;
  controls: Controls | null;
  onQuality: () => void;
  onReport: () => void;
}

/** Over the picture's upper edge: whose show this is, where, how many watch, and the way out. */
export function StageBar({ room, going, controls, onQuality, onReport }: StageBarProps) {
  const show = room.show.value;
  const goal = room.goal.value;
  const metres = show && goal ? metresBetween(goal, show.store.position) : null;

  async function share(): Promise<void> {
    const link = { title: show?.title ?? "Nearlive", url: location.href };
    try {
      if ("share" in navigator) await navigator.share(link);
      else {
        await (navigator as Navigator).clipboard.writeText(link.url);
        toast(t("shared"), "good");
      }
    } catch {
      // The person closed the system's own sheet.
    }
  }

  return (
    <header class="stage-bar">
      <div class="stage-bar__host">
        {show ? (
          <>
            <Avatar name={show.associate.name} size={36} />
            <div class="stage-bar__names">
              <strong class="truncate" data-testid="host-name">
                {show.associate.name}
              </strong>
              <span class="truncate">
                {show.store.name}
                {metres !== null && <span class="num"> · {distance(metres)}</span>}
              </span>
            </div>
          </>
        ) : (
          <Skeleton width="120px" height="36px" />
        )}
      </div>
      <div class="stage-bar__end">
        {show && going && (
          <span class="stage-bar__viewers num" data-testid="viewers">
            <Icon name="eye" size={16} />
            <span aria-hidden="true">{compact(show.viewers)}</span>
            <span class="sr-only">{t("viewers", { n: show.viewers, count: compact(show.viewers) })}</span>
          </span>
        )}
        {controls && !controls.unplayable && (
          <IconButton icon={controls.muted ? "sound-off" : "sound-on"} label={controls.muted ? t("sound_on") : t("sound_off")} size={22} onClick={controls.toggle} class="stage-bar__button" data-testid="sound-toggle" />
        )}
        {controls && controls.layers.length > 1 && (
          <IconButton icon="settings" label={t("quality")} size={22} onClick={onQuality} class="stage-bar__button" aria-haspopup="dialog" data-testid="quality-button" />
        )}
        <IconButton icon="share" label={t("share")} size={22} onClick={() => void share()} class="stage-bar__button stage-bar__share" />
        <IconButton icon="flag" label={t("report")} size={22} onClick={onReport} class="stage-bar__button" data-testid="report-button" />
        <a class="n-icon-button stage-bar__button stage-bar__close" href="/" aria-label={t("close")} title={t("close")} data-testid="leave">
          <Icon name="close" size={22} />
        </a>
      </div>
      {going && show?.status === "live" && (
        <div class="stage-bar__line">
          <Badge tone="accent" solid live data-testid="live-badge">
            {t("live")}
          </Badge>
          <span class="stage-bar__title truncate">{show.title}</span>
        </div>
      )}
    </header>
  );
}
