/** One show under the operator's eye: picture, chat, and what can be done about it. */

import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { get, post } from "../../core/api";
import { compact, number } from "../../core/i18n";
import { problemText } from "../../core/problems";
import type { Show } from "../../core/types";
import type { ConsoleShow } from "../../core/types_console";
import { Button, IconButton } from "../../design/button";
import { cx } from "../../design/class_names";
import { Icon } from "../../design/icons";
import { EmptyState } from "../../design/notices";
import { toast } from "../../design/toast";
import { Whep } from "../watch/whep";
import { ChatStream } from "./chat_stream";
import type { ConsoleState } from "./console_state";
import { HealthStrip } from "./health_strip";
import { MediaDetails } from "./media_details";
import { useMedia } from "./media_state";
import { ReasonDialog } from "./reason_dialog";
import { Still } from "./show_grid";
import { t } from "./text";

interface ShowPaneProps {
  id: string;
  state: ConsoleState;
  onClose: () => void;
}

export function ShowPane({ id, state, onClose }: ShowPaneProps) {
  const [ask, setAsk] = useState<"warn" | "cut" | null>(null);
  const [watching, setWatching] = useState(false);
  const [details, setDetails] = useState(false);
  const show = state.show(id);
  const look = useMedia(id, show !== undefined);
  const pane = useRef<HTMLElement>(null);
  useEffect(() => {
    pane.current?.focus();
    if (!state.loaded.value || show) return;
    // Not on the list (yet): a link to a show that has just started, or has ended.
    get<Show>(`/api/shows/${encodeURIComponent(id)}`).then(
      (found) => state.take({ chat_rate: 0, flags: [], open_reports: 0, warned_at: null, ...found } as ConsoleShow),
      () => undefined,
    );
  }, [id]);
  useEffect(() => {
    const leave = (event: KeyboardEvent) => {
      const busy = document.querySelector("dialog[open]") !== null;
      if (event.key === "Escape" && !busy) onClose();
    };
    addEventListener("keydown", leave);
    return () => removeEventListener("keydown", leave);
  }, [onClose]);

  const warn = async (text: string) => {
    await post(`/api/shows/${id}/warn`, { text });
    setAsk(null);
    toast(t("warned_ok"), "good");
  };
  const cut = async (reason: string) => {
    const ended = await post<Show>(`/api/shows/${id}/cut`, { reason });
    setAsk(null);
    toast(t("cut_ok"), "good");
    if (show) state.take({ ...show, ...ended });
  };

  return (
    <aside ref={pane} class={cx("cs-pane", details && "cs-pane--details")} tabIndex={-1} aria-label={show?.title ?? t("shows")} data-testid="show-pane">
      <header class="cs-pane__head">
        <IconButton icon="back" label={t("back")} onClick={onClose} data-testid="pane-close" />
        <div class="grow">
          <h2 class="truncate">{show?.title ?? t("gone")}</h2>
          {show && (
            <p class="muted small truncate">
              {show.associate.name} · {show.store.name}
            </p>
          )}
        </div>
      </header>
      {!show ? (
        <EmptyState icon="stop" title={t("gone")} data-testid="show-gone" />
      ) : (
        <>
          <div class="cs-pane__top">
            <div class="cs-pane__picture">
              {watching ? <LiveView id={id} state={state} /> : <Still show={show} />}
            </div>
            <div class="cs-pane__side">
              <dl class="cs-facts num">
                <div>
                  <dt>{t("watching")}</dt>
                  <dd>{compact(show.viewers)}</dd>
                </div>
                <div>
                  <dt>{t("chat")}</dt>
                  <dd>
                    {number(show.chat_rate)}
                    <small>{t("per_minute")}</small>
                  </dd>
                </div>
                <div>
                  <dt>{t("reports")}</dt>
                  <dd>{number(show.open_reports)}</dd>
                </div>
              </dl>
              {show.flags.length > 0 && <p class="cs-flags small">{show.flags.join(" · ")}</p>}
              <Button icon={watching ? "stop" : "play"} size="s" onClick={() => setWatching(!watching)} data-testid="watch-live">
                {watching ? t("stop_watching") : t("watch")}
              </Button>
              <Button icon="alert" size="s" onClick={() => setAsk("warn")} data-testid="warn-show">
                {t("warn")}
              </Button>
              <Button icon="stop" size="s" variant="danger" onClick={() => setAsk("cut")} data-testid="cut-show">
                {t("cut")}
              </Button>
            </div>
          </div>
          <HealthStrip look={look} open={details} onToggle={() => setDetails(!details)} />
          {details ? (
            <MediaDetails show={id} media={look.media} />
          ) : (
            <ChatStream showId={id} associateId={show.associate.id} />
          )}
        </>
      )}
      <ReasonDialog
        open={ask === "warn"}
        title={t("warn")}
        label={t("warn_text")}
        hint={t("warn_hint")}
        confirmLabel={t("send")}
        testid="warn-text"
        onConfirm={warn}
        onClose={() => setAsk(null)}
      />
      <ReasonDialog
        open={ask === "cut"}
        title={t("cut_q")}
        text={t("cut_text")}
        label={t("reason")}
        hint={t("reason_required")}
        confirmLabel={t("cut")}
        danger
        testid="cut-reason"
        onConfirm={cut}
        onClose={() => setAsk(null)}
      />
    </aside>
  );
}

/** The live picture, without sound: an operator has many shows open. */
function LiveView({ id, state }: { id: string; state: ConsoleState }) {
  const video = useRef<HTMLVideoElement>(null);
  const whep = useMemo(() => new Whep(id), [id]);
  const show = state.show(id);
  const ready = show?.status === "live" && show.signal === "on";
  useEffect(() => {
    whep.start(ready);
    // The server itself ends the sessions of a show that is over.
    return () => whep.stop(state.show(id) !== undefined);
  }, [whep]);
  useEffect(() => whep.setReady(ready), [whep, ready]);
  const stream = whep.stream.value;
  useEffect(() => {
    const element = video.current;
    if (!element) return;
    element.srcObject = stream;
    if (stream) void element.play().catch((error: unknown) => error instanceof DOMException || toast(problemText(error)));
  }, [stream]);
  return (
    <>
      <video
        ref={video}
        class="cs-still"
        muted
        playsInline
        autoplay
        onPlaying={() => whep.sawFrame()}
        onTimeUpdate={() => whep.sawFrame()}
        data-testid="live-view"
      />
      {whep.state.value !== "playing" && (
        <span class="cs-still cs-still--none cs-still--over">
          <Icon name="signal" size={28} />
          {t("loading")}
        </span>
      )}
    </>
  );
}
