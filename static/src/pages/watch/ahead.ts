/** What can be done for a show before anybody has clicked on it: a ticket, and a connection whose offer is ready. */

import { post } from "../../core/api";
import { startSession } from "../../core/session";
import type { MediaToken } from "../../core/types";
import { WhepSession } from "./whep_session";

/** A prepared session that nobody takes is given up after this (ms). */
const KEPT = 45_000;

let ahead: { showId: string; session: Promise<WhepSession>; timer: ReturnType<typeof setTimeout> } | null = null;

/** Makes a session, up to the point where only the offer has to be sent. Throws ApiProblem. */
export async function makeSession(showId: string): Promise<WhepSession> {
  return new WhepSession(await post<MediaToken>(`/api/shows/${encodeURIComponent(showId)}/view-token`));
}

/** Somebody is about to open this show. Signs in a guest when there is nobody. */
export function prepare(showId: string): void {
  if (ahead?.showId === showId) return;
  drop();
  const session = startSession({ guests: true }).then(() => makeSession(showId));
  ahead = { showId, session, timer: setTimeout(drop, KEPT) };
  // Who opens the show after all asks again, and says then what is wrong.
  session.catch(() => ahead?.session === session && drop());
}

/** It is clicked on: the offer goes out while the player is still being drawn. */
export function hasten(showId: string): void {
  prepare(showId);
  ahead?.session.then((session) => session.open()).catch(() => undefined);
}

/** The session prepared for a show, for the first who asks. */
export function takePrepared(showId: string): Promise<WhepSession> | null {
  if (ahead?.showId !== showId) return null;
  const { session, timer } = ahead;
  clearTimeout(timer);
  ahead = null;
  return session;
}

function drop(): void {
  if (!ahead) return;
  clearTimeout(ahead.timer);
  const { session } = ahead;
  ahead = null;
  session.then(
    (unused) => unused.close(true),
    () => undefined,
  );
}
