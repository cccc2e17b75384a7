/**
 * Publishing by WHIP (RFC 9725): one session at a time. When the network changes, the session is moved to it by an ICE
 * restart; when that fails, a new session for the same show takes its place, with back-off, until told to stop.
 */

import { signal } from "@preact/signals";
import { ApiProblem } from "../../core/api";
import type { MediaToken } from "../../core/types";
import { MediaResource } from "../../media/resource";
import { applyPicture, encodingsOf, packetsFrom, pixelsOf, preferCodecs, type Picture } from "./sending";

export type PublishState = "idle" | "connecting" | "sending" | "reconnecting" | "refused";

const CONNECT_AT_MOST = 12_000;
/** How long an ICE restart may take (ms) before a new session is made. */
const RESTART_AT_MOST = 3_000;
const PULSE_EVERY = 1_000;
/** The server reports on what it receives about once a second: nothing for so many pulses, and the path is dead. */
const PULSES_MISSED = 4;
const BACK_OFF = [300, 1_000, 2_000, 4_000, 8_000];

interface NetworkInformation extends EventTarget {
  type?: string;
}

export class Publisher {
  readonly state = signal<PublishState>("idle");
  /** Why the server refuses for good (`wrong_status`, `forbidden`, …). */
  readonly refusal = signal<ApiProblem | null>(null);
  peer: RTCPeerConnection | null = null;

  private wanted = false;
  private failures = 0;
  private attempt = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private pulse: ReturnType<typeof setInterval> | undefined;
  private resource: MediaResource | null = null;
  private mending = false;
  private tracks: MediaStreamTrack[] = [];
  private readonly network = (navigator as { connection?: NetworkInformation }).connection;
  private networkType = this.network?.type;
  private readonly changed = () => {
    // A phone that leaves the Wi-Fi: the old path is dead long before ICE notices.
    if (this.network?.type === this.networkType) return;
    this.networkType = this.network?.type;
    void this.mend();
  };
  private readonly online = () => {
    if (this.state.value !== "sending") this.again(0);
  };

  constructor(
    private readonly ticket: () => Promise<MediaToken>,
    private picture: Picture,
  ) {}

  start(stream: MediaStream): void {
    this.tracks = stream.getTracks();
    if (this.wanted) return;
    this.wanted = true;
    this.failures = 0;
    this.refusal.value = null;
    this.state.value = "connecting";
    addEventListener("online", this.online);
    this.network?.addEventListener("change", this.changed);
    void this.connect();
  }

  /** `tell` is false when the show has ended: the server has ended the session by itself then. */
  async stop(tell = true): Promise<void> {
    this.wanted = false;
    this.attempt += 1;
    clearTimeout(this.timer);
    removeEventListener("online", this.online);
    this.network?.removeEventListener("change", this.changed);
    this.state.value = "idle";
    if (!tell) this.resource = null;
    await this.leave();
  }

  async replace(track: MediaStreamTrack): Promise<void> {
    this.tracks = [...this.tracks.filter((old) => old.kind !== track.kind), track];
    const sender = this.sender(track.kind);
    await sender?.replaceTrack(track);
    // Another camera may have another size, of which other layers can be made.
    if (sender && track.kind === "video") await applyPicture(sender, this.picture);
  }

  async setPicture(picture: Picture): Promise<void> {
    this.picture = picture;
    const sender = this.sender("video");
    if (!sender) return;
    await applyPicture(sender, picture);
  }

  private sender(kind: string): RTCRtpSender | undefined {
    return this.peer?.getTransceivers().find((one) => one.receiver.track.kind === kind)?.sender;
  }

  private async connect(): Promise<void> {
    const attempt = ++this.attempt;
    const current = () => this.wanted && attempt === this.attempt;
    clearTimeout(this.timer);
    try {
      await this.leave();
      const ticket = await this.ticket();
      if (!current()) return;
      const peer = this.makePeer(ticket, current);
      // The server is ICE-lite: it finds us by our checks, so no candidate of ours is waited for.
      await peer.setLocalDescription();
      const resource = await MediaResource.open(peer, new URL(ticket.url, location.href).href, ticket.token);
      if (!current()) {
        void resource.end();
        return;
      }
      this.resource = resource;
      // The server says goodbye when its node is about to stop: another is asked at once.
      const secure = peer.getSenders()[0]?.transport;
      secure?.addEventListener("statechange", () => current() && secure.state === "closed" && this.again());
      const video = this.sender("video");
      if (video) await applyPicture(video, this.picture);
      this.timer = setTimeout(() => {
        if (current() && this.state.value !== "sending") this.again();
      }, CONNECT_AT_MOST);
    } catch (error) {
      if (!current()) return;
      if (error instanceof ApiProblem && isFinal(error)) this.refuse(error);
      else this.again();
    }
  }

  private makePeer(ticket: MediaToken, current: () => boolean): RTCPeerConnection {
    const peer = new RTCPeerConnection({ iceServers: ticket.ice_servers, bundlePolicy: "max-bundle" });
    this.peer = peer;
    for (const kind of ["audio", "video"] as const) {
      const track = this.tracks.find((one) => one.kind === kind);
      const sendEncodings = kind === "video" ? encodingsOf(this.picture, pixelsOf(track)) : [];
      const transceiver = peer.addTransceiver(track ?? kind, { direction: "sendonly", sendEncodings });
      if (kind === "video") preferCodecs(transceiver);
    }
    peer.addEventListener("connectionstatechange", () => {
      if (!current()) return;
      const state = peer.connectionState;
      if (state === "connected") {
        this.failures = 0;
        clearTimeout(this.timer);
        this.state.value = "sending";
        this.feel(peer, current);
      } else if (state === "failed" || state === "closed") {
        this.again();
      } else if (state === "disconnected") {
        void this.mend();
      }
    });
    return peer;
  }

  /** The path is dead or has changed: another by an ICE restart on the same session, or else another session. */
  private async mend(): Promise<void> {
    const { peer, resource, attempt } = this;
    const current = () => this.wanted && attempt === this.attempt;
    if (this.mending || !current()) return;
    if (!peer || !resource) return this.again(0);
    this.mending = true;
    this.state.value = "reconnecting";
    clearTimeout(this.timer);
    this.timer = setTimeout(() => current() && this.again(0), RESTART_AT_MOST);
    try {
      const before = await packetsFrom(peer);
      await resource.restart(peer);
      while (current() && (await packetsFrom(peer)) <= before) await new Promise((resolve) => setTimeout(resolve, 100));
      if (!current()) return;
      clearTimeout(this.timer);
      this.state.value = "sending";
      this.feel(peer, current);
    } catch {
      if (current()) this.again(0);
    } finally {
      this.mending = false;
    }
  }

  /** Notices a dead path some seconds before ICE does, and a session that the server has dropped. */
  private feel(peer: RTCPeerConnection, current: () => boolean): void {
    let received = -1;
    let missed = 0;
    clearInterval(this.pulse);
    this.pulse = setInterval(() => {
      void packetsFrom(peer).then((count) => {
        if (!current()) return;
        missed = count > received ? 0 : missed + 1;
        received = Math.max(received, count);
        if (missed >= PULSES_MISSED) void this.mend();
      });
    }, PULSE_EVERY);
  }

  /** A new session after `delay` ms, or after the back-off. */
  private again(delay?: number): void {
    if (!this.wanted) return;
    this.attempt += 1;
    this.state.value = "reconnecting";
    // The new session takes the place of the old one on the server, which may be gone there already.
    this.resource = null;
    const base = BACK_OFF[Math.min(this.failures, BACK_OFF.length - 1)] ?? 8_000;
    this.failures += 1;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.connect(), delay ?? base * (0.75 + Math.random() / 2));
  }

  private refuse(problem: ApiProblem): void {
    this.wanted = false;
    this.refusal.value = problem;
    this.state.value = "refused";
    void this.leave();
  }

  private async leave(): Promise<void> {
    clearInterval(this.pulse);
    const { peer, resource } = this;
    this.peer = null;
    this.resource = null;
    // In this order: the connection's own goodbye would be quicker, and the server would no longer know the session.
    await resource?.end();
    peer?.close();
  }
}

function isFinal(problem: ApiProblem): boolean {
  return ["wrong_status", "forbidden", "not_found", "banned", "show_unknown", "not_your_show"].includes(problem.code);
}
