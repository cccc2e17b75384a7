/** Where the phone is, told every few seconds while online. Nothing is queued: only the newest position is worth sending. */

import { signal } from "@preact/signals";
import { post } from "../../core/api";
import { currentPosition, geoProblemOf, type GeoFailure, GeoProblem } from "../../core/geo";
import { socket } from "../../core/socket";
import type { Position } from "../../core/types";

const EVERY = 5_000;
/** A phone that lies still reports no new fix: after this (ms) it is asked for one. */
const STALE = 30_000;

interface Fix {
  position: Position;
  accuracy: number;
  at: number;
}

export class PositionLink {
  readonly here = signal<Position | null>(null);
  readonly problem = signal<GeoFailure | null>(null);
  readonly weak = signal(false);
  private fix: Fix | null = null;
  private sentAt = 0;
  private sending = false;
  private watch: number | null = null;
  private timer: ReturnType<typeof setInterval> | undefined;

  /** Asks the phone once; null, with `problem`, when it does not say. */
  async find(): Promise<Position | null> {
    this.problem.value = null;
    try {
      this.remember(await currentPosition());
      return this.here.value;
    } catch (error) {
      if (!(error instanceof GeoProblem)) throw error;
      this.problem.value = error.code;
      return null;
    }
  }

  start(): void {
    if (this.watch !== null || !("geolocation" in navigator)) return;
    this.watch = navigator.geolocation.watchPosition(
      (found) => this.remember(found),
      (error) => {
        // Somebody who stands still is not reported again until the time-out: `send` asks then, and knows whether it is weak.
        if (error.code === error.TIMEOUT) return;
        this.weak.value = true;
        if (error.code === error.PERMISSION_DENIED) this.problem.value = geoProblemOf(error).code;
      },
      { enableHighAccuracy: true, maximumAge: 2_000, timeout: 20_000 },
    );
    this.timer = setInterval(() => void this.send(), EVERY);
  }

  stop(): void {
    if (this.watch !== null) navigator.geolocation.clearWatch(this.watch);
    this.watch = null;
    clearInterval(this.timer);
  }

  /** At once, as after a time without a network. */
  async send(): Promise<void> {
    if (this.sending || this.watch === null) return;
    this.sending = true;
    try {
      const fix = await this.newest();
      if (fix === null || fix.at === this.sentAt) return;
      await tell(fix);
      this.sentAt = fix.at;
    } catch {
      // The next one, five seconds later, is worth more than this one again.
    } finally {
      this.sending = false;
    }
  }

  private async newest(): Promise<Fix | null> {
    if (this.fix && Date.now() - this.fix.at <= STALE) return this.fix;
    try {
      this.remember(await currentPosition());
      return this.fix;
    } catch {
      this.weak.value = true;
      return null;
    }
  }

  private remember({ coords, timestamp }: GeolocationPosition): void {
    const position = { lon: coords.longitude, lat: coords.latitude };
    this.fix = { position, accuracy: coords.accuracy, at: timestamp };
    this.here.value = position;
    this.weak.value = false;
    this.problem.value = null;
  }
}

/** Over the socket that is open anyway; by a request of its own where it is not. */
async function tell({ position, accuracy, at }: Fix): Promise<void> {
  const told = { position, accuracy_m: Math.round(accuracy), at: new Date(at).toISOString() };
  if (socket.state.value === "open") await socket.request({ type: "courier_position", ...told });
  else await post("/api/courier/position", told, { timeout: EVERY });
}
