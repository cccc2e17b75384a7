/**
 * Publishing by WHIP (RFC 9725): one session at a time; when the network changes or ICE fails, a new session for the same
 * show, with back-off, until told to stop.
 */

import { signal } from "@preact/signals";
import { ApiProblem } from "../../core/api";
import type { MediaToken } from "../../core/types";

export type PublishState = "idle" | "connecting" | "sending" | "reconnecting" | "refused";

export interface Picture {
  /** Bits a second at most. */
  bitrate: number;
  /** Divides width and height of the camera's picture. */
  scale: number;
}

const GATHER_AT_MOST = 400;
const CONNECT_AT_MOST = 12_000;
const DISCONNECTED_AT_MOST = 2_500;
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
  private resource: { url: string; token: string } | null = null;
  private tracks: MediaStreamTrack[] = [];
  private readonly network = (navigator as { connection?: NetworkInformation }).connection;
  private networkType = this.network?.type;
  private readonly changed = () => {
    // A phone that leaves the Wi-Fi: the old path is dead long before ICE notices.
    if (this.network?.type === this.networkType) return;
    this.networkType = this.network?.type;
    this.again(0);
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
  }

  async setPicture(picture: Picture): Promise<void> {
    this.picture = picture;
    const sender = this.sender("video");
    if (!sender) return;
    const parameters = sender.getParameters();
    for (const encoding of parameters.encodings) Object.assign(encoding, this.encoding());
    await sender.setParameters(parameters);
  }

  private sender(kind: string): RTCRtpSender | undefined {
    return this.peer?.getTransceivers().find((one) => one.receiver.track.kind === kind)?.sender;
  }

  private encoding(): RTCRtpEncodingParameters {
    const { bitrate, scale } = this.picture;
    return { maxBitrate: bitrate, maxFramerate: 30, scaleResolutionDownBy: scale };
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
      await peer.setLocalDescription();
      await gathered(peer);
      if (!current()) return;
      await this.offer(peer, ticket, current);
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
      const sendEncodings = kind === "video" ? [this.encoding()] : [];
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
        clearTimeout(this.timer);
        this.timer = setTimeout(() => current() && this.again(0), DISCONNECTED_AT_MOST);
      }
    });
    return peer;
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
        if (missed >= PULSES_MISSED) this.again(0);
      });
    }, PULSE_EVERY);
  }

  private async offer(peer: RTCPeerConnection, ticket: MediaToken, current: () => boolean): Promise<void> {
    const response = await fetch(ticket.url, {
      method: "POST",
      headers: { Authorization: `Bearer ${ticket.token}`, "Content-Type": "application/sdp" },
      body: peer.localDescription?.sdp ?? "",
      signal: AbortSignal.timeout(CONNECT_AT_MOST),
    });
    if (response.status !== 201) throw await refusalOf(response);
    const resource = response.headers.get("Location");
    if (resource) this.resource = { url: new URL(resource, response.url).href, token: ticket.token };
    const sdp = await response.text();
    if (!current()) {
      await this.leave();
      return;
    }
    await peer.setRemoteDescription({ type: "answer", sdp });
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
    peer?.close();
    if (!resource) return;
    // keepalive: it is sent even while the page goes away. Its failure means that the server ends the session by itself.
    const headers = { Authorization: `Bearer ${resource.token}` };
    await fetch(resource.url, {
      method: "DELETE",
      headers,
      keepalive: true,
      signal: AbortSignal.timeout(2_000),
    }).catch(() => undefined);
  }
}

async function packetsFrom(peer: RTCPeerConnection): Promise<number> {
  let packets = 0;
  for (const entry of (await peer.getStats()).values() as Iterable<Record<string, unknown>>) {
    if (entry["type"] === "transport") packets += Number(entry["packetsReceived"] ?? 0);
    // Safari has no count on the transport: the reports themselves are then what moves.
    if (entry["type"] === "remote-inbound-rtp") packets += Number(entry["roundTripTimeMeasurements"] ?? 0);
  }
  return packets;
}

function isFinal(problem: ApiProblem): boolean {
  return ["wrong_status", "forbidden", "not_found", "banned", "show_unknown", "not_your_show"].includes(problem.code);
}

async function refusalOf(response: Response): Promise<ApiProblem> {
  const body = (await response.json().catch(() => ({}))) as { code?: string; detail?: string };
  return new ApiProblem(body.code ?? "unavailable", response.status, body.detail);
}

function gathered(peer: RTCPeerConnection): Promise<void> {
  if (peer.iceGatheringState === "complete") return Promise.resolve();
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, GATHER_AT_MOST);
    peer.addEventListener("icegatheringstatechange", () => {
      if (peer.iceGatheringState !== "complete") return;
      clearTimeout(timer);
      resolve();
    });
  });
}

/** H264 constrained baseline 3.1 in packetization mode 1 first (every phone decodes it in hardware), then VP8. */
function preferCodecs(transceiver: RTCRtpTransceiver): void {
  const codecs = RTCRtpSender.getCapabilities("video")?.codecs;
  if (!codecs) return;
  const rank = ({ mimeType, sdpFmtpLine = "" }: (typeof codecs)[number]): number => {
    const type = mimeType.toLowerCase();
    if (type === "video/h264" && /packetization-mode=1/.test(sdpFmtpLine)) {
      if (/profile-level-id=42e01f/i.test(sdpFmtpLine)) return 0;
      if (/profile-level-id=42/i.test(sdpFmtpLine)) return 1;
    }
    if (type === "video/vp8") return 2;
    return type === "video/rtx" ? 3 : 9;
  };
  const wanted = codecs.filter((codec) => rank(codec) < 9).sort((a, b) => rank(a) - rank(b));
  transceiver.setCodecPreferences(wanted);
}
