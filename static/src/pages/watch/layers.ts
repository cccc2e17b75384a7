/** The layers that a publisher sends, as the server's events tell of them, and the viewer's choice among them. */

import { signal } from "@preact/signals";

export interface Layer {
  /** The rid. */
  id: string;
  /** Pixels; 0 when the server does not know. */
  width: number;
  height: number;
  /** Bits a second. */
  bitrate: number;
}

const KEPT = "nearlive.quality";

interface Told {
  rid?: string;
  bitrate?: number;
  width?: number;
  height?: number;
}

/** The event `layers` (docs/protocol.md): by the m-line's index, 0 for the video that we ask for first. Best first. */
export function readLayers(text: string): Layer[] {
  let all: Record<string, Told[] | undefined> | null;
  try {
    all = JSON.parse(text) as typeof all;
  } catch {
    return [];
  }
  return (all?.["0"] ?? [])
    .map(({ rid = "", bitrate = 0, width = 0, height = 0 }) => ({ id: rid, bitrate, width, height }))
    .filter(({ id, bitrate }) => id !== "" && bitrate > 0)
    .sort((a, b) => shortSide(b) - shortSide(a) || b.bitrate - a.bitrate);
}

/** What a layer is called after: 720 of 720 × 1280. */
export function shortSide({ width, height }: Layer): number {
  return Math.min(width, height);
}

interface Choice {
  id: string;
  side: number;
}

function stored(): Choice | null {
  try {
    const kept = JSON.parse(localStorage.getItem(KEPT) ?? "null") as Choice | null;
    return typeof kept?.id === "string" && typeof kept.side === "number" ? kept : null;
  } catch {
    return null;
  }
}

/** The viewer's choice, for this show and the next ones; null: automatic. */
export const choice = signal<Choice | null>(stored());

export function choose(layer: Layer | null): void {
  choice.value = layer && { id: layer.id, side: shortSide(layer) };
  if (choice.value) localStorage.setItem(KEPT, JSON.stringify(choice.value));
  else localStorage.removeItem(KEPT);
}

/** The layer that fits a choice: the same, else the nearest in size; null: automatic. */
export function fitting(layers: readonly Layer[], wanted: Choice | null): Layer | null {
  if (!wanted || layers.length < 2) return null;
  const same = layers.find(({ id }) => id === wanted.id);
  if (same && (wanted.side === 0 || shortSide(same) === 0 || shortSide(same) === wanted.side)) return same;
  if (wanted.side === 0) return same ?? null;
  const far = (layer: Layer) => Math.abs(shortSide(layer) - wanted.side);
  return [...layers].sort((a, b) => far(a) - far(b))[0] ?? null;
}
