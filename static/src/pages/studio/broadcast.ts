/** One show being made: camera, connection and the show's own state, moved together. */

import { effect, signal } from "@preact/signals";
import { post } from "../../core/api";
import type { MediaToken, Show } from "../../core/types";
import { Capture } from "./capture";
import { watchQuality } from "./quality";
import { RoomState } from "./room_state";
import type { Picture } from "./sending";
import { Publisher } from "./whip";

export type PictureChoice = "clear" | "standard" | "save";

const PICTURES: Record<PictureChoice, Picture> = {
  clear: { bitrate: 1_500_000, scale: 1 },
  standard: { bitrate: 900_000, scale: 4 / 3 },
  save: { bitrate: 500_000, scale: 2 },
};
const PICTURE_KEY = "nearlive.picture";
const MIRROR_KEY = "nearlive.mirror";
/** How long the show waits for its first picture before it is announced anyway. */
const FIRST_PICTURE = 6_000;

function storedPicture(): PictureChoice {
  const stored = localStorage.getItem(PICTURE_KEY);
  return stored === "standard" || stored === "save" ? stored : "clear";
}

export class Broadcast {
  readonly capture = new Capture();
  readonly room: RoomState;
  readonly publisher: Publisher;
  readonly quality;
  readonly picture = signal<PictureChoice>(storedPicture());
  readonly mirror = signal(localStorage.getItem(MIRROR_KEY) !== "no");
  readonly busy = signal<"live" | "pause" | "end" | null>(null);
  private readonly stops: (() => void)[] = [];

  constructor(show: Show) {
    this.room = new RoomState(show);
    const path = `/api/shows/${show.id}/publish-token`;
    this.publisher = new Publisher(() => post<MediaToken>(path), PICTURES[this.picture.value]);
    const { quality, stop } = watchQuality(this.publisher);
    this.quality = quality;
    this.stops.push(stop);
    this.capture.onTrack = (track) => void this.publisher.replace(track);
  }

  /** Opens the camera; a show that is on already (the page was reloaded) is sent again at once. */
  open(): void {
    this.room.open();
    void this.capture.open();
    this.stops.push(
      effect(() => {
        const { status } = this.room.show.value;
        const stream = this.capture.stream.value;
        if (status === "ended") {
          void this.publisher.stop(false);
          this.capture.close();
        } else if (stream && (status === "live" || status === "paused")) {
          this.capture.setSending(status === "live");
          this.publisher.start(stream);
        }
      }),
    );
  }

  close(): void {
    for (const stop of this.stops) stop();
    this.room.close();
    void this.publisher.stop(this.room.show.value.status !== "ended");
    this.capture.close();
  }

  async goLive(): Promise<void> {
    const stream = this.capture.stream.value;
    if (!stream) return;
    await this.during("live", async () => {
      if (this.room.show.value.status !== "paused") {
        this.publisher.start(stream);
        await this.firstPicture();
      }
      this.room.take(await post<Show>(`${this.path}/live`));
    }).catch(async (error: unknown) => {
      if (this.room.show.value.status !== "paused") await this.publisher.stop();
      throw error;
    });
  }

  pause(): Promise<void> {
    return this.during("pause", async () => this.room.take(await post<Show>(`${this.path}/pause`)));
  }

  end(): Promise<void> {
    return this.during("end", async () => this.room.take(await post<Show>(`${this.path}/end`)));
  }

  choosePicture(choice: PictureChoice): void {
    this.picture.value = choice;
    localStorage.setItem(PICTURE_KEY, choice);
    void this.publisher.setPicture(PICTURES[choice]);
  }

  setMirror(on: boolean): void {
    this.mirror.value = on;
    localStorage.setItem(MIRROR_KEY, on ? "yes" : "no");
  }

  private get path(): string {
    return `/api/shows/${this.room.show.value.id}`;
  }

  private async during(what: "live" | "pause" | "end", task: () => Promise<void>): Promise<void> {
    if (this.busy.value) return;
    this.busy.value = what;
    try {
      await task();
    } finally {
      this.busy.value = null;
    }
  }

  private firstPicture(): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => done(), FIRST_PICTURE);
      const stop = this.publisher.state.subscribe((state) => {
        if (state === "sending") setTimeout(() => done());
        if (state === "refused") setTimeout(() => done(this.publisher.refusal.value));
      });
      const done = (problem: Error | null = null) => {
        clearTimeout(timer);
        stop();
        if (problem) reject(problem);
        else resolve();
      };
    });
  }
}
