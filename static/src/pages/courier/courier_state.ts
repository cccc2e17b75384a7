/** The courier's state as the server has it, and the position that this phone reports while online. */

import { signal } from "@preact/signals";
import { get, post } from "../../core/api";
import { GeoProblem, currentPosition, geoProblemOf, type GeoFailure } from "../../core/geo";
import { socket } from "../../core/socket";
import type { CourierState as State, Position } from "../../core/types";
import { chime } from "../../work/chime";

const EVERY = 5_000;
/** A phone that lies still reports no new fix: after this (ms) it is asked for one. */
const STALE = 30_000;

interface Fix {
  position: Position;
  accuracy: number;
  at: number;
}

export class CourierDay {
  readonly state = signal<State | null>(null);
  readonly error = signal<unknown>(null);
  readonly here = signal<Position | null>(null);
  readonly geoProblem = signal<GeoFailure | null>(null);
  readonly weak = signal(false);
  /** What was earned by the delivery that has just ended. */
  readonly celebrated = signal<number | null>(null);
  private fix: Fix | null = null;
  private sentAt = 0;
  private watch: number | null = null;
  private timer: ReturnType<typeof setInterval> | undefined;

  open(): () => void {
    const stop = socket.subscribe<unknown>("me", {
      // A snapshot means that events may have been missed: ask for the whole state.
      snapshot: () => void this.load(),
      event: (kind, data) => kind === "courier" && this.take((data as { state: State }).state),
    });
    void this.load();
    return () => {
      stop();
      this.stopWatching();
    };
  }

  async load(): Promise<void> {
    try {
      this.take(await get<State>("/api/courier"));
      this.error.value = null;
    } catch (error) {
      this.error.value = error;
    }
  }

  async goOnline(): Promise<void> {
    this.geoProblem.value = null;
    try {
      const found = await currentPosition();
      this.remember(found);
      this.take(await post<State>("/api/courier/online", { position: this.here.value }));
    } catch (error) {
      if (!(error instanceof GeoProblem)) throw error;
      this.geoProblem.value = error.code;
    }
  }

  async goOffline(): Promise<void> {
    this.take(await post<State>("/api/courier/offline"));
  }

  async act(job: string, step: "accept" | "decline" | "arrive" | "returned"): Promise<void> {
    this.take(await post<State>(`/api/courier/jobs/${job}/${step}`));
  }

  /** `cash`: what was taken at the door, of an order that is paid in cash. */
  async deliver(job: string, pin: string, cash: number): Promise<void> {
    const earned = this.state.value?.jobs.find((one) => one.id === job)?.earnings ?? 0;
    const body = cash > 0 ? { pin, cash_received: cash } : { pin };
    this.take(await post<State>(`/api/courier/jobs/${job}/deliver`, body));
    this.celebrated.value = earned;
    setTimeout(() => (this.celebrated.value = null), 3_500);
  }

  async report(job: string, kind: string, text: string): Promise<void> {
    const body = text === "" ? { kind } : { kind, text };
    this.take(await post<State>(`/api/courier/jobs/${job}/problem`, body));
  }

  private take(state: State): void {
    const before = this.state.value;
    this.state.value = state;
    if (state.offer && state.offer.job_id !== before?.offer?.job_id) chime();
    if (state.online) this.startWatching();
    else this.stopWatching();
    this.here.value ??= state.position;
  }

  private startWatching(): void {
    if (this.watch !== null || !("geolocation" in navigator)) return;
    this.watch = navigator.geolocation.watchPosition(
      (found) => this.remember(found),
      (error) => {
        // Somebody who stands still is not reported again until the time-out: `send` asks then, and knows whether it is weak.
        if (error.code === error.TIMEOUT) return;
        this.weak.value = true;
        if (error.code === error.PERMISSION_DENIED) this.geoProblem.value = geoProblemOf(error).code;
      },
      { enableHighAccuracy: true, maximumAge: 2_000, timeout: 20_000 },
    );
    this.timer = setInterval(() => void this.send(), EVERY);
  }

  private stopWatching(): void {
    if (this.watch !== null) navigator.geolocation.clearWatch(this.watch);
    this.watch = null;
    clearInterval(this.timer);
  }

  private remember({ coords, timestamp }: GeolocationPosition): void {
    const position = { lon: coords.longitude, lat: coords.latitude };
    this.fix = { position, accuracy: coords.accuracy, at: timestamp };
    this.here.value = position;
    this.weak.value = false;
    this.geoProblem.value = null;
  }

  private async send(): Promise<void> {
    if (!this.fix || Date.now() - this.fix.at > STALE) {
      try {
        this.remember(await currentPosition());
      } catch {
        this.weak.value = true;
        return;
      }
    }
    const fix = this.fix;
    if (!fix || fix.at === this.sentAt) return;
    this.sentAt = fix.at;
    const at = new Date(fix.at).toISOString();
    try {
      await post("/api/courier/position", { position: fix.position, accuracy_m: Math.round(fix.accuracy), at });
    } catch {
      // The next one, five seconds later, is worth more than this one again.
    }
  }
}
