import type { Show } from "../core/types";

/** The first still is made within two rounds of the picture maker after the video has come (ms). */
const FIRST_STILL = 9_000;

/** The latest still of a show; null when there is none to be had, so that nobody asks for it in vain. */
export function stillOf(show: Show, now: number = Date.now()): string | null {
  if (show.status !== "live" || show.signal !== "on" || show.started_at === null) return null;
  return now - new Date(show.started_at).getTime() > FIRST_STILL ? show.picture_url : null;
}
