/** One WHEP session: its connection, its resource, and what the server can be asked for on it. */

import { MediaResource } from "../../media/resource";
import type { MediaToken } from "../../core/types";

/** What a viewer wants of the video: a layer by its rid, or null for the server's choice. */
export interface Wish {
  layer: string | null;
  paused: boolean;
}

/** A wish that did not arrive is sent again after this (ms), so many times. */
const WISH_AGAIN = 1_000;
const WISHES = 5;

export class WhepSession {
  readonly peer: RTCPeerConnection;
  readonly stream = new MediaStream();
  resource: MediaResource | null = null;
  private readonly video: RTCRtpTransceiver;
  private readonly offered: Promise<void>;
  private opening: Promise<void> | null = null;
  private told = JSON.stringify({ layer: null, paused: false });
  private wanted: Wish = { layer: null, paused: false };
  private telling = false;
  private ended = false;

  constructor(private readonly grant: MediaToken) {
    this.peer = new RTCPeerConnection({ iceServers: grant.ice_servers, bundlePolicy: "max-bundle", rtcpMuxPolicy: "require" });
    this.video = this.peer.addTransceiver("video", { direction: "recvonly" });
    this.peer.addTransceiver("audio", { direction: "recvonly" });
    this.peer.addEventListener("track", ({ track }) => this.stream.addTrack(track));
    // The server is ICE-lite and finds us by our checks: candidates of ours would tell it nothing, so none is waited for.
    this.offered = this.peer.setLocalDescription();
    this.offered.catch(() => undefined);
  }

  /** Asks the server for the show, once. Throws ApiProblem. */
  open(): Promise<void> {
    this.opening ??= this.ask();
    return this.opening;
  }

  private async ask(): Promise<void> {
    await this.offered;
    const resource = await MediaResource.open(this.peer, new URL(this.grant.url, location.href).href, this.grant.token);
    if (this.ended) void resource.end();
    else this.resource = resource;
  }

  /** Calls back when the connection's state changes, by ICE or by the server's goodbye. */
  onState(callback: () => void): void {
    this.peer.addEventListener("connectionstatechange", callback);
    const secure = this.peer.getReceivers()[0]?.transport;
    secure?.addEventListener("statechange", callback);
  }

  /** When media may flow; at most some seconds later in any case. */
  connected(): Promise<void> {
    return new Promise((resolve) => {
      const look = () => this.state !== "connecting" && resolve();
      this.onState(look);
      setTimeout(resolve, 3_000);
      look();
    });
  }

  /** `gone`: the server has said goodbye, or nothing came through for long. */
  get state(): "connecting" | "connected" | "shaky" | "gone" {
    const secure = this.peer.getReceivers()[0]?.transport?.state;
    const { connectionState } = this.peer;
    if (connectionState === "failed" || connectionState === "closed" || secure === "closed" || secure === "failed") return "gone";
    if (connectionState === "disconnected") return "shaky";
    return connectionState === "connected" ? "connected" : "connecting";
  }

  /** Packets received so far, of video and audio. */
  async received(): Promise<number> {
    let packets = 0;
    for (const entry of (await this.peer.getStats()).values() as Iterable<Record<string, unknown>>) {
      if (entry["type"] === "inbound-rtp") packets += Number(entry["packetsReceived"] ?? 0);
    }
    return packets;
  }

  /** Tells the server what is wanted of the video: the last wish, one at a time, and again if it was lost. */
  async wish(wish: Wish): Promise<void> {
    this.wanted = wish;
    const url = this.resource?.link("layer");
    if (!url || !this.resource || this.telling) return;
    this.telling = true;
    for (let tries = 0; tries < WISHES && !this.ended && this.told !== JSON.stringify(this.wanted); ) {
      const { layer, paused } = this.wanted;
      try {
        await this.resource.tell(url, { mediaId: this.video.mid, encodingId: layer, paused });
        this.told = JSON.stringify({ layer, paused });
        tries = 0;
      } catch {
        tries += 1;
        await new Promise((resolve) => setTimeout(resolve, WISH_AGAIN));
      }
    }
    this.telling = false;
  }

  /** Ends it; `tell` is false when the server has ended it already. */
  close(tell: boolean): void {
    this.ended = true;
    // In this order: the connection's own goodbye would be quicker, and the server would no longer know the session.
    const told = tell && this.resource ? this.resource.end() : Promise.resolve();
    void told.then(() => this.peer.close());
  }
}
