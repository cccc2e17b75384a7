/**
 * A WHEP player (draft-ietf-wish-whep): receives the video and audio of a show and keeps doing so. Each attempt takes a
 * fresh view token; a 409 means that nobody publishes yet and is asked again after its Retry-After.
 */

import { signal } from "@preact/signals";

import { ApiProblem, post } from "../../core/api";
import { problemCode } from "../../core/problems";
import type { MediaToken } from "../../core/types";

/** idle: not started. waiting: the show has no publisher now. refused: banned or gone; no more attempts. */
export type WhepState = "idle" | "connecting" | "playing" | "waiting" | "retrying" | "refused";

interface Session {
  peer: RTCPeerConnection;
  /** The WHEP resource; null until the server has answered. */
  resource: string | null;
  token: string;
}

const FIRST_DELAY = 400;
const LAST_DELAY = 8_000;
/** How long to gather candidates for before offering: host candidates are there at once, STUN may never answer. */
const GATHER = 350;
/** A connection that is "disconnected" often heals by itself within this. */
const PATIENCE = 3_500;
/** Frames must come within this after connecting (ms), else it is tried again. */
const FRAMELESS = 12_000;
/** How often to ask although the show says that nobody publishes: it may be late to know. */
const UNREADY = 8_000;

const REFUSALS: Readonly<Record<number, string>> = { 403: "forbidden", 404: "not_found", 409: "not_live" };

export class Whep {
  readonly state = signal<WhepState>("idle");
  readonly stream = signal<MediaStream | null>(null);
  /** From start() to the first picture, in ms. */
  readonly firstFrame = signal<number | null>(null);

  private session: Session | null = null;
  private failures = 0;
  private running = false;
  private ready = false;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private startedAt = 0;
  private lastFrame = 0;

  constructor(private readonly showId: string) {}

  /** Begins; `ready` says whether the show has a publisher now, as far as one knows. */
  start(ready: boolean): void {
    if (this.running) return;
    this.running = true;
    this.ready = ready;
    this.failures = 0;
    this.startedAt = performance.now();
    performance.mark("nearlive-player-start");
    addEventListener("online", this.hurry);
    addEventListener("pagehide", this.leave);
    addEventListener("pageshow", this.hurry);
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
    clearTimeout(this.timer);
    removeEventListener("online", this.hurry);
    removeEventListener("pagehide", this.leave);
    removeEventListener("pageshow", this.hurry);
    this.drop(tell);
    this.stream.value = null;
    this.state.value = "idle";
  }

  /** Something changed for the better (the network, the show): try now. */
  readonly hurry = (): void => {
    if (!this.running || this.state.value === "playing" || this.state.value === "connecting") return;
    this.failures = 0;
    clearTimeout(this.timer);
    void this.connect();
  };

  /** The page shows a frame. */
  sawFrame(): void {
    this.lastFrame = performance.now();
    if (this.firstFrame.value !== null) return;
    this.firstFrame.value = Math.round(performance.now() - this.startedAt);
    performance.measure("nearlive-first-frame", "nearlive-player-start");
  }

  private async connect(): Promise<void> {
    this.drop(true);
    if (this.state.value !== "waiting") this.state.value = this.stream.value ? "retrying" : "connecting";
    try {
      await this.open(await post<MediaToken>(`/api/shows/${encodeURIComponent(this.showId)}/view-token`));
    } catch (error) {
      this.refusedBy(error);
    }
  }

  private async open(grant: MediaToken): Promise<void> {
    if (!this.running) return;
    const peer = new RTCPeerConnection({ iceServers: grant.ice_servers, bundlePolicy: "max-bundle" });
    const session: Session = { peer, resource: null, token: grant.token };
    this.session = session;
    const stream = new MediaStream();
    peer.addTransceiver("video", { direction: "recvonly" });
    peer.addTransceiver("audio", { direction: "recvonly" });
    peer.addEventListener("track", ({ track }) => stream.addTrack(track));
    peer.addEventListener("connectionstatechange", () => this.watch(session));
    await peer.setLocalDescription(await peer.createOffer());
    await gathered(peer);
    const answer = await this.offer(session, new URL(grant.url, location.href));
    if (this.session !== session) {
      release(session, true);
      return;
    }
    await peer.setRemoteDescription({ type: "answer", sdp: answer });
    this.stream.value = stream;
  }

  private async offer(session: Session, url: URL): Promise<string> {
    const response = await fetch(url, {
      method: "POST",
      headers: { "Content-Type": "application/sdp", Authorization: `Bearer ${session.token}` },
      body: session.peer.localDescription?.sdp ?? "",
      signal: AbortSignal.timeout(10_000),
    });
    if (response.status !== 201) {
      const wait = Number.parseInt(response.headers.get("Retry-After") ?? "", 10);
      throw new ApiProblem(REFUSALS[response.status] ?? "unavailable", response.status, "", null, {}, Number.isNaN(wait) ? null : wait);
    }
    const place = response.headers.get("Location");
    session.resource = place === null ? null : new URL(place, response.url || url).href;
    return response.text();
  }

  private watch(session: Session): void {
    if (this.session !== session) return;
    const state = session.peer.connectionState;
    clearTimeout(this.timer);
    if (state === "connected") {
      this.failures = 0;
      this.state.value = "playing";
      const since = performance.now();
      this.timer = setTimeout(() => {
        if (this.session === session && this.lastFrame < since && !document.hidden) this.again();
      }, FRAMELESS);
    } else if (state === "disconnected") {
      this.state.value = "retrying";
      this.timer = setTimeout(() => this.again(0), PATIENCE);
    } else if (state === "failed" || state === "closed") {
      this.again(0);
    }
  }

  private refusedBy(error: unknown): void {
    if (!this.running) return;
    const code = problemCode(error);
    if (code === "banned" || code === "not_found" || code === "forbidden") {
      this.drop(false);
      this.state.value = "refused";
      return;
    }
    const wait = error instanceof ApiProblem && error.retryAfter !== null ? error.retryAfter * 1000 : null;
    if (code === "not_live") {
      this.drop(false);
      this.wait(this.ready ? (wait ?? 2_000) : UNREADY);
    } else {
      this.again(wait ?? undefined);
    }
  }

  private wait(delay: number): void {
    this.state.value = "waiting";
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.connect(), delay);
  }

  /** Tries again after `delay` ms, or after a growing one with jitter. A session that failed is gone on the server too. */
  private again(delay?: number): void {
    this.drop(false);
    if (!this.running) return;
    if (this.state.value !== "waiting") this.state.value = this.stream.value ? "retrying" : "connecting";
    const ceiling = Math.min(LAST_DELAY, FIRST_DELAY * 2 ** this.failures);
    this.failures += 1;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.connect(), delay ?? ceiling / 2 + (Math.random() * ceiling) / 2);
  }

  private drop(tell: boolean): void {
    const session = this.session;
    this.session = null;
    if (session) release(session, tell);
  }

  /** The page goes away (or into the back-forward cache): free the place on the server. */
  private readonly leave = (): void => {
    this.drop(true);
    this.state.value = "retrying";
  };
}

function gathered(peer: RTCPeerConnection): Promise<void> {
  if (peer.iceGatheringState === "complete") return Promise.resolve();
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, GATHER);
    peer.addEventListener("icegatheringstatechange", () => {
      if (peer.iceGatheringState !== "complete") return;
      clearTimeout(timer);
      resolve();
    });
  });
}

function release({ peer, resource, token }: Session, tell: boolean): void {
  peer.close();
  if (resource === null || !tell) return;
  const headers = { Authorization: `Bearer ${token}` };
  // Nothing depends on the answer: a session that is not ended here ends by its consent timing out.
  fetch(resource, { method: "DELETE", headers, keepalive: true }).catch(() => undefined);
}
