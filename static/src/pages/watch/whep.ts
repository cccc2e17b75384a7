/**
 * A WHEP player (draft-ietf-wish-whep): receives the video and audio of a show and keeps doing so. A 409 means that nobody
 * publishes yet and is asked again after its Retry-After; a dead path is tried with an ICE restart first, a dead session
 * is replaced, with back-off. What the viewer sees meanwhile is the page's part (`beforeSwitch`).
 */

import { effect, signal } from "@preact/signals";

import { ApiProblem } from "../../core/api";
import { problemCode } from "../../core/problems";
import { makeSession, takePrepared } from "./ahead";
import { choice, fitting, readLayers, type Layer } from "./layers";
import { WhepEvents } from "./whep_events";
import type { WhepSession } from "./whep_session";

/** idle: not started. waiting: the show has no publisher now. refused: banned or gone; no more attempts. */
export type WhepState = "idle" | "connecting" | "playing" | "waiting" | "retrying" | "refused";

const FIRST_DELAY = 400;
const LAST_DELAY = 8_000;
/** How long an ICE restart may take (ms) before a new session is made. */
const PATIENCE = 3_000;
/** How often it is looked whether media still come, and how often in vain until the server is asked, then left. */
const PULSE_EVERY = 1_000;
const PULSES_ASKED = 3;
const PULSES_LEFT = 12;
/** How often to ask although the show says that nobody publishes: it may be late to know. */
const UNREADY = 8_000;
/** How soon a session is replaced that the server has closed (ms). */
const GOODBYE = 300;
/** Asked to move, an audience spreads over this (ms). */
const MOVED_WITHIN = 2_000;
/** Looking away for less than this (ms) changes nothing. */
const AWAY = 1_500;

export class Whep {
  readonly state = signal<WhepState>("idle");
  readonly stream = signal<MediaStream | null>(null);
  /** From start() to the first picture, in ms. */
  readonly firstFrame = signal<number | null>(null);
  /** The server says that the publisher is away. */
  readonly hostAway = signal(false);
  /** This browser cannot decode what is sent; another publisher may send something else. */
  readonly unplayable = signal(false);
  readonly layers = signal<readonly Layer[]>([]);
  /** How many watch, as the media server counts; null before it has said so. */
  readonly viewers = signal<number | null>(null);
  /** Called before the stream is replaced by another: the last moment to keep its picture. */
  beforeSwitch: () => void = () => undefined;

  private session: WhepSession | null = null;
  private events: WhepEvents | null = null;
  private attempt = 0;
  private failures = 0;
  private running = false;
  private ready = false;
  private away = false;
  private moving = false;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private awayTimer: ReturnType<typeof setTimeout> | undefined;
  private pulse: ReturnType<typeof setInterval> | undefined;
  private unchoose: () => void = () => undefined;
  private startedAt = 0;

  constructor(private readonly showId: string) {}

  /** Begins; `ready` says whether the show has a publisher now, as far as one knows. `since`: the click, of performance.now(). */
  start(ready: boolean, since = performance.now()): void {
    if (this.running) return;
    this.running = true;
    this.ready = ready;
    this.failures = 0;
    this.startedAt = since;
    addEventListener("online", this.hurry);
    addEventListener("pagehide", this.leave);
    addEventListener("pageshow", this.hurry);
    document.addEventListener("visibilitychange", this.seen);
    this.unchoose = effect(() => this.wish(choice.value, this.layers.value));
    if (document.hidden) this.seen();
    if (ready) void this.connect();
    else this.wait(UNREADY);
  }

  /** Whether the show has a publisher now. One that is back is asked for at once. */
  setReady(ready: boolean): void {
    if (this.ready === ready) return;
    this.ready = ready;
    if (ready) this.hurry();
  }

  /** Ends; `tell` is false when the server has closed the session itself. */
  stop(tell = true): void {
    this.running = false;
    this.attempt += 1;
    clearTimeout(this.timer);
    clearTimeout(this.awayTimer);
    removeEventListener("online", this.hurry);
    removeEventListener("pagehide", this.leave);
    removeEventListener("pageshow", this.hurry);
    document.removeEventListener("visibilitychange", this.seen);
    this.unchoose();
    this.drop(tell);
    this.stream.value = null;
    this.state.value = "idle";
  }

  /** Something changed for the better (the network, the show): try now. */
  readonly hurry = (): void => {
    if (!this.running || this.state.value === "playing" || this.state.value === "connecting") return;
    this.failures = 0;
    void this.connect();
  };

  /** The page shows a frame. */
  sawFrame(at = performance.now()): void {
    if (this.firstFrame.value !== null) return;
    this.firstFrame.value = Math.round(at - this.startedAt);
    performance.measure("nearlive-first-frame", { start: this.startedAt, end: at });
  }

  private async connect(): Promise<void> {
    const attempt = ++this.attempt;
    clearTimeout(this.timer);
    if (this.session && !this.moving) this.drop(true);
    if (!this.moving && this.state.value !== "waiting") this.state.value = this.stream.value ? "retrying" : "connecting";
    let session: WhepSession | null = null;
    try {
      session = await (takePrepared(this.showId) ?? makeSession(this.showId));
      if (attempt !== this.attempt) return session.close(false);
      await this.open(session);
    } catch (error) {
      session?.close(true);
      if (attempt === this.attempt) this.refusedBy(error);
    }
  }

  private async open(session: WhepSession): Promise<void> {
    if (this.moving) {
      await session.open();
      await session.connected();
      if (!this.moving) return session.close(true);
      this.moving = false;
      this.drop(true);
      this.state.value = "retrying";
      this.session = session;
    } else {
      this.session = session;
      await session.open();
      if (this.session !== session) return;
    }
    session.onState(() => this.watch(session));
    if (this.stream.value) this.beforeSwitch();
    this.stream.value = session.stream;
    this.events = new WhepEvents(session, {
      active: (active) => this.active(active),
      layers: (text) => (this.layers.value = readLayers(text)),
      viewers: (count) => (this.viewers.value = count),
      reconnect: () => this.session === session && this.move(),
      gone: () => this.session === session && this.again(),
    });
    this.wish(choice.value, this.layers.value);
    this.watch(session);
  }

  private watch(session: WhepSession): void {
    if (this.session !== session) return;
    clearTimeout(this.timer);
    switch (session.state) {
      case "connected":
        if (this.state.value === "playing") break;
        this.failures = 0;
        this.state.value = "playing";
        this.hostAway.value = false;
        this.unplayable.value = false;
        this.feel(session);
        this.events?.open();
        break;
      case "shaky":
        this.state.value = "retrying";
        void this.mend(session);
        break;
      case "gone":
        // Often the show is over, which the page hears of in a moment.
        this.again(GOODBYE * (1 + Math.random()));
        break;
      case "connecting":
        this.timer = setTimeout(() => this.session === session && this.again(), 4 * PATIENCE);
    }
  }

  /** The path is dead, the session may live: another path by an ICE restart, or else another session. */
  private async mend(session: WhepSession): Promise<void> {
    this.timer = setTimeout(() => this.session === session && this.again(0), PATIENCE);
    try {
      await session.resource?.restart(session.peer);
    } catch {
      if (this.session === session && session.state !== "connected") this.again();
    }
  }

  /** Notices sooner than ICE does that nothing comes any more, and asks the server whether the session is still there. */
  private feel(session: WhepSession): void {
    let received = -1;
    let missed = 0;
    clearInterval(this.pulse);
    const look = async (): Promise<void> => {
      const count = await session.received();
      if (this.session !== session || this.hostAway.value || this.away || document.hidden) return;
      missed = count > received ? 0 : missed + 1;
      received = Math.max(received, count);
      if (missed > PULSES_LEFT || (missed === PULSES_ASKED && (await session.resource?.alive()) === false)) {
        if (this.session === session) this.again();
      }
    };
    this.pulse = setInterval(() => void look().catch(() => undefined), PULSE_EVERY);
  }

  /** A new session while the old one still plays, at a moment of this viewer's own. */
  private move(): void {
    if (this.moving) return;
    this.moving = true;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.connect(), Math.random() * MOVED_WITHIN);
  }

  private active(active: boolean): void {
    this.hostAway.value = !active;
    if (active) this.hurry();
  }

  private wish(wanted: typeof choice.value, layers: readonly Layer[]): void {
    void this.session?.wish({ layer: fitting(layers, wanted)?.id ?? null, paused: this.away });
  }

  private readonly seen = (): void => {
    clearTimeout(this.awayTimer);
    const turn = (): void => {
      this.away = document.hidden;
      this.wish(choice.peek(), this.layers.peek());
      if (this.away) this.events?.close();
      else if (this.state.value === "playing") this.events?.open();
    };
    if (document.hidden) this.awayTimer = setTimeout(turn, AWAY);
    else turn();
  };

  private refusedBy(error: unknown): void {
    if (!this.running) return;
    const code = problemCode(error);
    this.drop(false);
    if (code === "banned" || code === "not_found" || code === "forbidden") {
      this.state.value = "refused";
      return;
    }
    this.unplayable.value = code === "no_common_codec";
    if (this.unplayable.value) return this.wait(UNREADY);
    const wait = error instanceof ApiProblem && error.retryAfter !== null ? error.retryAfter * 1000 : null;
    if (code === "not_live" || code === "not_publishing") this.wait(this.ready ? (wait ?? 2_000) : UNREADY);
    else this.again(wait ?? undefined);
  }

  private wait(delay: number): void {
    this.state.value = "waiting";
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.connect(), delay);
  }

  /** Tries again after `delay` ms, or after a growing one with jitter: an audience must not come back in one moment. */
  private again(delay?: number): void {
    this.drop(delay === 0);
    if (!this.running) return;
    if (this.state.value !== "waiting") this.state.value = this.stream.value ? "retrying" : "connecting";
    const ceiling = Math.min(LAST_DELAY, FIRST_DELAY * 2 ** this.failures);
    this.failures += 1;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.connect(), delay ?? ceiling / 4 + Math.random() * ceiling * 0.75);
  }

  private drop(tell: boolean): void {
    const session = this.session;
    this.session = null;
    this.moving = false;
    this.events?.close();
    this.events = null;
    clearInterval(this.pulse);
    if (!session) return;
    this.beforeSwitch();
    session.close(tell);
  }

  /** The page goes away (or into the back-forward cache): free the place on the server. */
  private readonly leave = (): void => {
    this.attempt += 1;
    this.drop(true);
    this.state.value = "retrying";
  };
}
