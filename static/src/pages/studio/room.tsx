/** The live room: the picture, what goes on around it, and the controls that one thumb reaches. */

import { useEffect, useRef, useState } from "preact/hooks";
import { problemText } from "../../core/problems";
import { Button, IconButton } from "../../design/button";
import { cx } from "../../design/class_names";
import { Confirm, Dialog } from "../../design/dialog";
import { Icon } from "../../design/icons";
import { Sheet } from "../../design/sheet";
import { toast } from "../../design/toast";
import { ConnectionBar } from "../../work/connection";
import { useWakeLock } from "../../work/wake_lock";
import type { Broadcast } from "./broadcast";
import { CameraProblem } from "./camera_problem";
import { CouponPanel } from "./coupon_panel";
import { FlashStrips } from "./flash_strip";
import { t as offer } from "./flash_text";
import { ChatBox, ChatList } from "./chat";
import { PictureSettings } from "./picture_settings";
import { PinnedStrip } from "./pinned_strip";
import { RoomHead } from "./room_head";
import { SaleTicker } from "./sale_ticker";
import { Shelf } from "./shelf";
import { Summary } from "./summary";
import { t } from "./text";

type Panel = "shelf" | "settings" | "coupons" | "end" | null;

export function useWide(): boolean {
  const query = "(min-width: 1024px)";
  const [wide, setWide] = useState(() => matchMedia(query).matches);
  useEffect(() => {
    const list = matchMedia(query);
    const change = () => setWide(list.matches);
    list.addEventListener("change", change);
    return () => list.removeEventListener("change", change);
  }, []);
  return wide;
}

export function Room({ broadcast, onLeave }: { broadcast: Broadcast; onLeave: () => void }) {
  const { room, capture } = broadcast;
  const [panel, setPanel] = useState<Panel>(null);
  const wide = useWide();
  const show = room.show.value;
  const on = show.status === "live" || show.status === "paused";
  useWakeLock(on);
  useEffect(() => {
    if (!on) return undefined;
    const ask = (event: BeforeUnloadEvent) => event.preventDefault();
    addEventListener("beforeunload", ask);
    return () => removeEventListener("beforeunload", ask);
  }, [on]);

  const run = (task: Promise<void>) => void task.catch((error: unknown) => toast(problemText(error), "bad"));
  const endShow = () => {
    setPanel(null);
    run(broadcast.end());
  };
  if (show.status === "ended") return <Summary show={show} tally={room.tally.value} onDone={onLeave} />;

  const warning = room.warnings.value[0];
  return (
    <div class="st-room theme-dark" data-status={show.status} data-testid="room">
      <ConnectionBar />
      {wide && (
        <aside class="st-side st-side--shelf">
          <Shelf room={room} />
        </aside>
      )}
      <main class="st-stage">
        <Preview broadcast={broadcast} />
        <div class="st-stage__shade" aria-hidden="true" />
        <RoomHead broadcast={broadcast} onLeave={onLeave} onEnd={() => setPanel("end")} />
        {show.status === "paused" && (
          <div class="st-paused" role="status">
            <Icon name="pause" size={36} />
            <strong>{t("pause_note")}</strong>
            <span>{t("pause_limit")}</span>
          </div>
        )}
        <CameraProblem capture={capture} />
        <div class="st-tools">
          <IconButton
            icon="camera-flip"
            variant="glass"
            label={t("flip")}
            onClick={() => void capture.flip()}
            data-testid="camera-flip"
          />
          <IconButton
            icon={capture.micOn.value ? "mic" : "mic-off"}
            variant="glass"
            label={capture.micOn.value ? t("mic_off") : t("mic_on")}
            aria-pressed={capture.micOn.value ? "false" : "true"}
            onClick={() => capture.setMic(!capture.micOn.value)}
            data-testid="mic-toggle"
          />
          <IconButton
            icon="tag"
            variant="glass"
            label={offer("coupons_open")}
            aria-pressed={show.coupon ? "true" : "false"}
            onClick={() => setPanel("coupons")}
            data-testid="coupons-open"
          />
          <IconButton
            icon="settings"
            variant="glass"
            label={t("settings")}
            onClick={() => setPanel("settings")}
            data-testid="settings-open"
          />
        </div>
        <div class="st-foot">
          <SaleTicker sales={room.sales.value} />
          {!wide && on && <ChatList room={room} overlay />}
          <FlashStrips room={room} />
          <PinnedStrip room={room} />
          <div class="st-bar">
            {!wide && (
              <button type="button" class="st-shelf-button" onClick={() => setPanel("shelf")} data-testid="shelf-open">
                <Icon name="bag" />
                <span class="num">{show.cards.length}</span>
                <span class="sr-only">{t("shelf")}</span>
              </button>
            )}
            <MainAction broadcast={broadcast} run={run} chat={!wide && on} />
          </div>
        </div>
      </main>
      {wide && (
        <aside class="st-side st-side--chat">
          <h2 class="st-side__title">{t("chat")}</h2>
          <ChatList room={room} />
          <ChatBox room={room} disabled={!on} />
        </aside>
      )}
      <Sheet
        open={panel === "shelf" && !wide}
        title={t("shelf_of")}
        closeLabel={t("close")}
        onClose={() => setPanel(null)}
        data-testid="shelf"
      >
        <Shelf room={room} />
      </Sheet>
      <Sheet open={panel === "settings"} title={t("settings")} closeLabel={t("close")} onClose={() => setPanel(null)} wide="middle">
        <PictureSettings broadcast={broadcast} />
      </Sheet>
      <Sheet open={panel === "coupons"} title={offer("coupons")} closeLabel={t("close")} onClose={() => setPanel(null)} wide="middle" data-testid="coupons">
        <CouponPanel room={room} />
      </Sheet>
      <Confirm
        open={panel === "end"}
        title={t("end_q")}
        text={t("end_text", { n: show.viewers })}
        confirmLabel={t("end")}
        cancelLabel={t("cancel")}
        danger
        onConfirm={endShow}
        onClose={() => setPanel(null)}
      />
      <Dialog
        open={warning !== undefined}
        title={t("warning")}
        onClose={() => undefined}
        data-testid="warning"
        actions={
          <Button variant="primary" onClick={() => warning && room.acknowledge(warning)} data-testid="warning-acknowledge">
            {t("understood")}
          </Button>
        }
      >
        <p>{warning?.text}</p>
      </Dialog>
    </div>
  );
}

function Preview({ broadcast }: { broadcast: Broadcast }) {
  const { capture, mirror } = broadcast;
  const video = useRef<HTMLVideoElement>(null);
  const stream = capture.stream.value;
  useEffect(() => {
    const element = video.current;
    if (!element) return;
    element.srcObject = stream;
    // Muted, or the room would hear itself; play() is refused when the element goes away meanwhile.
    if (stream) void element.play().catch(() => undefined);
  }, [stream]);
  const mirrored = mirror.value && capture.facing.value === "user";
  return (
    <video
      ref={video}
      class={cx("st-preview", mirrored && "st-preview--mirrored")}
      muted
      playsInline
      autoplay
      data-testid="preview"
    />
  );
}

interface MainActionProps {
  broadcast: Broadcast;
  run: (task: Promise<void>) => void;
  chat: boolean;
}

/** Before the show: go live. During it: pause or go on, and on phones the chat box. */
function MainAction({ broadcast, run, chat }: MainActionProps) {
  const { room, capture, busy } = broadcast;
  const { status } = room.show.value;
  if (status === "live") {
    const pause = {
      icon: "pause",
      variant: "glass",
      disabled: busy.value !== null,
      onClick: () => run(broadcast.pause()),
      "data-testid": "pause-show",
    } as const;
    if (!chat) {
      return (
        <Button {...pause} wide>
          {t("pause")}
        </Button>
      );
    }
    return (
      <>
        <ChatBox room={room} />
        <IconButton {...pause} label={t("pause")} />
      </>
    );
  }
  const label = status === "paused" ? t("resume") : busy.value === "live" ? t("going_live") : t("go_live");
  return (
    <Button
      variant="primary"
      size="l"
      wide
      icon={status === "paused" ? "play" : "broadcast"}
      busy={busy.value === "live"}
      disabled={capture.stream.value === null}
      onClick={() => run(broadcast.goLive())}
      data-testid="go-live"
    >
      {label}
    </Button>
  );
}
