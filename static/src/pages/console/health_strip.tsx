/** The health of a show's media in a line: verdict, the host's figures, and what is wrong. Opens the details. */

import { compact, number } from "../../core/i18n";
import type { ShowMedia } from "../../core/types_console";
import { cx } from "../../design/class_names";
import { Icon } from "../../design/icons";
import { StatusPill, type Tone } from "../../design/labels";
import { part, rate, span, warningText, type MediaLook } from "./media_state";
import { m } from "./media_text";

export const TONES: Readonly<Record<ShowMedia["verdict"], Tone>> = { good: "good", fair: "warn", bad: "bad", off: "neutral" };

interface HealthStripProps {
  look: MediaLook;
  open: boolean;
  onToggle: () => void;
}

export function HealthStrip({ look, open, onToggle }: HealthStripProps) {
  const { media, stale } = look;
  const verdict = media?.verdict ?? "off";
  const first = media?.warnings.find((one) => one.level === "bad") ?? media?.warnings[0];
  const more = (media?.warnings.length ?? 0) - 1;
  const layers = media?.layers.filter((one) => one.kind === "video" && one.layer !== "") ?? [];
  return (
    <button
      type="button"
      class={cx("cs-health", stale && "cs-health--stale")}
      aria-expanded={open}
      onClick={onToggle}
      data-testid="health"
      data-verdict={media ? verdict : undefined}
    >
      <span class="cs-health__row">
        {media ? <StatusPill tone={TONES[verdict]}>{m(verdict)}</StatusPill> : <span class="muted small">{m("media")}</span>}
        {media?.publisher && (
          <span class="cs-health__facts num" data-testid="health-facts">
            <span>
              <Icon name="arrow-up" size={15} />
              {rate(media.publisher.bitrate)}
            </span>
            <span>{m("loss_of", { value: part(media.publisher.loss) })}</span>
            {media.publisher.round_trip !== null && <span>{span(media.publisher.round_trip)}</span>}
          </span>
        )}
        <span class="sr-only">{m("details")}</span>
        <Icon name={open ? "chevron-up" : "chevron-down"} size={18} />
      </span>
      {layers.some((one) => one.alive) && !stale && (
        <span class="cs-health__layers small num" data-testid="health-layers">
          {m("watching_layers")}
          {layers.map((one) => (
            <span key={one.layer} class={cx(!one.alive && "cs-health__off")} title={one.alive ? rate(one.bitrate) : m("silent")}>
              <code>{one.layer}</code> {compact(one.viewers)}
            </span>
          ))}
        </span>
      )}
      {stale && <span class="muted small">{m("stale")}</span>}
      {first && !stale && !open && (
        <span class={cx("cs-health__warning small", `cs-health__warning--${first.level}`)} data-testid="health-warning">
          <Icon name="alert" size={16} />
          {warningText(first)}
          {more > 0 && <span class="num">+{number(more)}</span>}
        </span>
      )}
    </button>
  );
}
