/** How well the picture leaves the phone, from the connection's own statistics. */

import { signal } from "@preact/signals";
import type { Publisher } from "./whip";

export type Grade = "good" | "fair" | "bad";

export interface Quality {
  grade: Grade;
  /** kbit/s of video. */
  kbps: number;
  fps: number;
  /** Share of lost packets, 0 to 1. */
  loss: number;
  /** Round trip in ms. */
  rtt: number;
  width: number;
  height: number;
}

const EVERY = 2_000;

interface Outbound {
  timestamp: number;
  bytesSent?: number;
  framesPerSecond?: number;
  frameWidth?: number;
  frameHeight?: number;
  qualityLimitationReason?: string;
}

interface Remote {
  fractionLost?: number;
  roundTripTime?: number;
}

export function watchQuality(publisher: Publisher) {
  const quality = signal<Quality | null>(null);
  let before: Outbound | null = null;
  let last: Grade = "good";
  const measure = async () => {
    const peer = publisher.peer;
    if (!peer || publisher.state.value !== "sending") {
      quality.value = null;
      before = null;
      return;
    }
    let sent: Outbound | null = null;
    let remote: Remote = {};
    for (const entry of (await peer.getStats()).values() as Iterable<Record<string, unknown>>) {
      if (entry["kind"] !== "video") continue;
      if (entry["type"] === "outbound-rtp") sent = entry as unknown as Outbound;
      if (entry["type"] === "remote-inbound-rtp") remote = entry as Remote;
    }
    if (sent && before && sent.timestamp > before.timestamp) {
      const measured = grade(sent, before, remote);
      // One bad reading (a key frame, the ramp at the start) is no news; two in a row are.
      quality.value = { ...measured, grade: better(measured.grade, last) };
      last = measured.grade;
    }
    before = sent;
  };
  const timer = setInterval(() => void measure().catch(() => undefined), EVERY);
  return { quality, stop: () => clearInterval(timer) };
}

const GRADES: readonly Grade[] = ["good", "fair", "bad"];

function better(one: Grade, other: Grade): Grade {
  return GRADES.indexOf(one) < GRADES.indexOf(other) ? one : other;
}

function grade(sent: Outbound, before: Outbound, remote: Remote): Quality {
  const bits = ((sent.bytesSent ?? 0) - (before.bytesSent ?? 0)) * 8;
  const kbps = Math.max(0, bits / (sent.timestamp - before.timestamp));
  const fps = sent.framesPerSecond ?? 0;
  const loss = remote.fractionLost ?? 0;
  const rtt = (remote.roundTripTime ?? 0) * 1000;
  const squeezed = sent.qualityLimitationReason === "bandwidth";
  let result: Grade = "good";
  if (loss > 0.03 || rtt > 350 || fps < 20 || squeezed) result = "fair";
  if (loss > 0.1 || rtt > 900 || fps < 8 || kbps < 120) result = "bad";
  return { grade: result, kbps, fps, loss, rtt, width: sent.frameWidth ?? 0, height: sent.frameHeight ?? 0 };
}
