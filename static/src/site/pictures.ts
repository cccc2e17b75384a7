import type { Show } from "../core/types";

/** The latest still of a show; null when there is none. What a pause shows is not what goes on: no still then. */
export function stillOf(show: Show): string | null {
  return show.status === "live" ? show.picture_url : null;
}
