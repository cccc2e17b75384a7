/** A marker between two fixes: it goes the way that was gone, a moment late, and never further than anybody was. */

import type { Position } from "../core/types";

/** Milliseconds: no shorter (a jump), no longer (a crawl) than these does a marker take from fix to fix. */
const SHORTEST = 800;
const LONGEST = 12_000;
/** Without times of measurement. */
const USUAL = 1_800;
/** Further apart than this (m), or after a longer gap (ms), there is no way to be shown: it stands there now. */
const TOO_FAR = 3_000;
const TOO_LONG = 90_000;

export class Glide {
  private from: Position;
  private start = 0;
  private span = 0;
  private measured: number | null;

  constructor(
    private to: Position,
    measured: number | null = null,
  ) {
    this.from = to;
    this.measured = measured;
  }

  /** The next fix; `measured` is the device's time of it (ms), `now` ours. False: it is an old one, or nothing new. */
  push(next: Position, measured: number | null, now: number): boolean {
    if (measured !== null && this.measured !== null && measured < this.measured) return false;
    const same = next.lon === this.to.lon && next.lat === this.to.lat;
    const gap = measured !== null && this.measured !== null ? measured - this.measured : USUAL;
    this.measured = measured;
    if (same) return false;
    this.from = this.at(now);
    this.to = next;
    this.start = now;
    const jump = gap > TOO_LONG || metres(this.from, next) > TOO_FAR;
    this.span = jump ? 0 : Math.min(LONGEST, Math.max(SHORTEST, gap));
    return true;
  }

  /** Stand where it was last measured. */
  arrive(): void {
    this.span = 0;
  }

  at(now: number): Position {
    const part = this.span <= 0 ? 1 : Math.min(1, Math.max(0, (now - this.start) / this.span));
    if (part === 1) return this.to;
    return {
      lon: this.from.lon + (this.to.lon - this.from.lon) * part,
      lat: this.from.lat + (this.to.lat - this.from.lat) * part,
    };
  }

  moving(now: number): boolean {
    return this.span > 0 && now - this.start < this.span;
  }
}

/** Metres as the crow flies, right to 0.5 % within a city. */
export function metres(one: Position, two: Position): number {
  const north = (two.lat - one.lat) * 111_195;
  const east = (two.lon - one.lon) * 111_195 * Math.cos((((one.lat + two.lat) / 2) * Math.PI) / 180);
  return Math.hypot(north, east);
}

const COMPASS = ["n", "ne", "e", "se", "s", "sw", "w", "nw"] as const;
export type Bearing = (typeof COMPASS)[number];

/** In which of eight directions `two` lies from `one`. */
export function bearing(one: Position, two: Position): Bearing {
  const east = (two.lon - one.lon) * Math.cos((((one.lat + two.lat) / 2) * Math.PI) / 180);
  const turn = Math.atan2(east, two.lat - one.lat) / (2 * Math.PI);
  return COMPASS[(Math.round(turn * 8) + 8) % 8] ?? "n";
}

const RADII = [100, 250, 500, 1_000, 2_000, 5_000, 10_000, 20_000] as const;

/** Up to three rings (m) that are seen well where so many metres are across. */
export function ringsFor(across: number): readonly number[] {
  const fitting = RADII.filter((radius) => radius >= across / 12 && radius <= across / 1.6);
  return fitting.slice(0, 3);
}
