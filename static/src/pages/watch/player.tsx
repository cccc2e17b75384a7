import { useSignalEffect } from "@preact/signals";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";

import { post } from "../../core/api";
import { clickOf } from "../../core/click";
import type { Show } from "../../core/types";
import { Button } from "../../design/button";
import { Icon } from "../../design/icons";
import { Spinner } from "../../design/progress";
import { stillOf } from "../../site/pictures";
import type { Layer } from "./layers";
import { t } from "./text";
import { Whep } from "./whep";

const SOUND = "nearlive.sound";
/** Milliseconds: a first frame that came later waited for a person, not for the network. */
const LONGEST = 60_000;

/** What the bar over the picture can say and change. */
export interface Controls {
  muted: boolean;
  /** Whether this browser cannot play the show, so that there is no sound to turn on. */
  unplayable: boolean;
  toggle(): void;
  /** What may be chosen from, best first. */
  layers: readonly Layer[];
  /** The short side of what is shown now, in pixels; 0 before the first picture. */
  side: number;
}

export interface PlayerProps {
  show: Show;
  /** Whether the show still goes on; asked when the player leaves. */
  goesOn: () => boolean;
  /** Told whenever something of it changes. */
  onControls: (controls: Controls) => void;
}

/** The moving picture of a show and what is said when it stands still. */
export function Player({ show, goesOn, onControls }: PlayerProps) {
  const video = useRef<HTMLVideoElement>(null);
  const still = useRef<HTMLCanvasElement>(null);
  const whep = useMemo(() => new Whep(show.id), [show.id]);
  const ready = show.status === "live" && show.signal === "on";
  // Chosen once: a poster that changes while the video starts would blink.
  const poster = useMemo(() => stillOf(show) ?? show.cover_url, [show.id]);
  const [muted, setMuted] = useState(true);
  const [blocked, setBlocked] = useState(false);
  const [size, setSize] = useState({ width: 0, height: 0 });

  useEffect(() => {
    whep.beforeSwitch = () => hold(video.current, still.current);
    whep.start(ready, clickOf(show.id));
    return () => whep.stop(goesOn());
  }, [whep]);
  useEffect(() => whep.setReady(ready), [whep, ready]);

  useSignalEffect(() => {
    const stream = whep.stream.value;
    const element = video.current;
    if (!element || element.srcObject === stream) return;
    element.srcObject = stream;
    if (stream) void play(element);
  });

  useEffect(() => {
    const element = video.current;
    if (!element) return;
    const shown = (at?: number): void => {
      whep.sawFrame(at);
      if (still.current) still.current.hidden = true;
    };
    const frames = (_now: number, { presentationTime }: VideoFrameCallbackMetadata): void => {
      shown(presentationTime);
      element.requestVideoFrameCallback(frames);
    };
    // Firefox has no frame callback before version 132: the time passing must do.
    if ("requestVideoFrameCallback" in element) element.requestVideoFrameCallback(frames);
    else (element as HTMLVideoElement).addEventListener("timeupdate", () => shown());
  }, [whep]);

  /** With sound where the browser lets us and the person wanted it last time, else without. */
  async function play(element: HTMLVideoElement): Promise<void> {
    element.muted = muted && localStorage.getItem(SOUND) !== "on";
    try {
      await element.play();
    } catch {
      element.muted = true;
      await element.play().catch(() => setBlocked(true));
    }
    setMuted(element.muted);
  }

  function toggleSound(): void {
    const element = video.current;
    if (!element) return;
    element.muted = !element.muted;
    localStorage.setItem(SOUND, element.muted ? "off" : "on");
    setMuted(element.muted);
    if (element.paused) void element.play();
  }

  const layers = whep.layers.value;
  const side = Math.min(size.width, size.height);
  const unplayable = whep.unplayable.value;
  useEffect(() => onControls({ muted, unplayable, toggle: toggleSound, layers, side }), [muted, unplayable, layers, side]);

  const state = whep.state.value;
  const first = whep.firstFrame.value;
  useEffect(() => {
    if (first === null || first > LONGEST) return;
    // Later: the picture comes first. Nobody waits for it, and nothing depends on it.
    const timer = setTimeout(() => void post("/api/first-frame", { milliseconds: first }).catch(() => undefined), 3000);
    return () => clearTimeout(timer);
  }, [first]);
  const lost = show.status === "live" && first !== null && (show.signal === "lost" || state === "waiting" || whep.hostAway.value);
  return (
    <div
      class={size.width > size.height ? "player player--wide" : "player"}
      data-testid="player"
      data-state={state}
      data-first-frame-ms={first ?? undefined}
      role="group"
      aria-label={t("player")}
    >
      {poster && <img class="player__poster" src={poster} alt="" />}
      <video
        ref={video}
        class={first === null ? "player__video" : "player__video player__video--shown"}
        data-testid="video"
        playsInline
        autoPlay
        muted
        disablePictureInPicture
        onResize={({ currentTarget: { videoWidth, videoHeight } }) => videoWidth > 0 && setSize({ width: videoWidth, height: videoHeight })}
        onPause={(event) => {
          // A phone call, the lock screen: go on when the page is back.
          if (!document.hidden && event.currentTarget.srcObject) void event.currentTarget.play().catch(() => setBlocked(true));
        }}
        onPlaying={() => setBlocked(false)}
      />
      <canvas ref={still} class="player__still" aria-hidden="true" hidden />
      {unplayable && <Waiting text={t("unplayable")} note={t("unplayable_text")} still />}
      {!unplayable && first === null && show.status === "live" && <Waiting text={state === "waiting" ? t("host_reconnecting") : t("connecting")} />}
      {!unplayable && lost && <Waiting text={t("host_reconnecting")} note={t("host_reconnecting_text")} />}
      {!lost && first !== null && state === "retrying" && <Waiting text={t("retrying")} />}
      {blocked && (
        <Button variant="glass" size="l" icon="play" class="player__play" onClick={() => video.current?.play()} data-testid="play-button">
          {t("play")}
        </Button>
      )}
      {!blocked && muted && first !== null && (
        <button type="button" class="player__sound" onClick={toggleSound} data-testid="sound-button">
          <Icon name="sound-off" size={20} />
          {t("tap_for_sound")}
        </button>
      )}
    </div>
  );
}

/** Keeps the last picture in sight while the video element changes to another stream, which would blink black. */
function hold(video: HTMLVideoElement | null, still: HTMLCanvasElement | null): void {
  if (!video || !still || video.videoWidth === 0 || !still.hidden) return;
  still.width = video.videoWidth;
  still.height = video.videoHeight;
  still.getContext("2d")?.drawImage(video, 0, 0);
  still.hidden = false;
}

function Waiting({ text, note, still }: { text: string; note?: string; still?: boolean }) {
  return (
    <div class="player__waiting" role="status" data-testid="player-waiting">
      {!still && <Spinner size={32} />}
      <strong>{text}</strong>
      {note && <span>{note}</span>}
    </div>
  );
}
