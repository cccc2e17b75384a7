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
  /** Of the largest layer that is sent. */
  width: number;
  height: number;
  /** How many layers are sent. */
  layers: number;
}

const EVERY = 2_000;

interface Outbound {
  id: string;
  timestamp: number;
  active?: boolean;
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
  let before: readonly Outbound[] = [];
  let last: Grade = "good";
  const measure = async () => {
    const peer = publisher.peer;
    if (!peer || publisher.state.value !== "sending") {
      quality.value = null;
      before = [];
      return;
    }
    const sent: Outbound[] = [];
    let remote: Remote = {};
    for (const entry of (await peer.getStats()).values() as Iterable<Record<string, unknown>>) {
      if (entry["kind"] !== "video") continue;
      if (entry["type"] === "outbound-rtp") sent.push(entry as unknown as Outbound);
      if (entry["type"] === "remote-inbound-rtp") remote = worse(remote, entry as Remote);
    }
    if (sent.some(({ id, timestamp }) => timestamp > (before.find((one) => one.id === id)?.timestamp ?? Infinity))) {
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

function worse(one: Remote, other: Remote): Remote {
  return {
    fractionLost: Math.max(one.fractionLost ?? 0, other.fractionLost ?? 0),
    roundTripTime: Math.max(one.roundTripTime ?? 0, other.roundTripTime ?? 0),
  };
}

function grade(sent: readonly Outbound[], before: readonly Outbound[], remote: Remote): Quality {
  const rates = sent.map((layer) => {
    const last = before.find(({ id }) => id === layer.id);
    if (!last || layer.timestamp <= last.timestamp) return { layer, kbps: 0 };
    return { layer, kbps: Math.max(0, (((layer.bytesSent ?? 0) - (last.bytesSent ?? 0)) * 8) / (layer.timestamp - last.timestamp)) };
  });
  const kbps = rates.reduce((sum, rate) => sum + rate.kbps, 0);
  const going = rates.filter((rate) => rate.kbps > 0).sort((a, b) => (b.layer.frameHeight ?? 0) - (a.layer.frameHeight ?? 0));
  const best = going[0]?.layer;
  const wanted = sent.filter(({ active }) => active !== false).length;
  const fps = best?.framesPerSecond ?? 0;
  const loss = remote.fractionLost ?? 0;
  const rtt = (remote.roundTripTime ?? 0) * 1000;
  // The largest layer goes first when the network gives no more.
  const squeezed = best?.qualityLimitationReason === "bandwidth" || (going.length < wanted && sent.some((one) => one.qualityLimitationReason === "bandwidth"));
  let result: Grade = "good";
  if (loss > 0.03 || rtt > 350 || fps < 20 || squeezed) result = "fair";
  if (loss > 0.1 || rtt > 900 || fps < 8 || kbps < 60) result = "bad";
  return { grade: result, kbps, fps, loss, rtt, width: best?.frameWidth ?? 0, height: best?.frameHeight ?? 0, layers: going.length };
}
