import type { FlashSale } from "../core/types";
import { duration, money } from "../core/i18n";
import { serverNow, useTimeLeft } from "../core/server_clock";
import { cx } from "../design/class_names";
import { Icon } from "../design/icons";
import { flashState } from "./flash";
import { t } from "./offer_text";

export interface FlashBandProps {
  flash: FlashSale;
  /** Without a text of its own for who only hears: where another band of the same sale is on the page. */
  silent?: boolean;
  class?: string;
}

/** A flash sale over its card: how long, how many are left, how many each may have. */
export function FlashBand({ flash, silent, class: extra }: FlashBandProps) {
  const starts = Date.parse(flash.starts_at);
  const ends = Date.parse(flash.ends_at);
  const state = flashState(flash, serverNow());
  const left = useTimeLeft(state === "over" ? null : state === "soon" ? starts : ends);
  const time = duration(Math.ceil(left / 1000));
  return (
    <div class={cx("flash", `flash--${state}`, left < 10_500 && state === "running" && "flash--last", extra)} data-testid="flash" data-state={state}>
      <span class="flash__head">
        <Icon name="bolt" size={18} />
        <strong>{t(state === "over" ? "flash_over" : state === "gone" ? "flash_gone" : "flash")}</strong>
        {(state === "running" || state === "gone") && (
          <span class="flash__time num" role="timer" data-testid="flash-time">
            <span class="sr-only">{t("flash_ends")} </span>
            {time}
          </span>
        )}
        {state === "soon" && (
          <span class="flash__time num" role="timer">
            {t("flash_in", { time })}
          </span>
        )}
      </span>
      {(state === "running" || state === "soon") && (
        <span class="flash__rest num">
          <span class="flash__bar" aria-hidden="true">
            <span class="flash__fill" style={{ width: `${Math.max(3, (100 * flash.left) / Math.max(1, flash.total))}%` }} />
          </span>
          <span data-testid="flash-left">{t("flash_left", { left: flash.left, total: flash.total })}</span>
          {flash.per_buyer < flash.total && <span>{t("flash_each", { n: flash.per_buyer })}</span>}
        </span>
      )}
      {state === "gone" && <span class="flash__rest num">{t("flash_gone_text", { total: flash.total })}</span>}
      {!silent && (
        <span class="sr-only" role="status">
          {state === "running" ? t("flash_said", { price: money(flash.price), total: flash.total }) : state === "soon" ? "" : t(state === "gone" ? "flash_gone" : "flash_over")}
        </span>
      )}
    </div>
  );
}
