/**
 * Opening a show without leaving the page: its code and a connection are made ready when somebody is about to click, so that
 * the click has only to ask for the picture. Whatever is not ready in time, the browser's own way still leads there.
 */

import { signal } from "@preact/signals";

import { noteClick } from "../../core/click";
import { pathId } from "../../core/path";
import { startSession } from "../../core/session";
import type { Show } from "../../core/types";
import { hasten, prepare } from "../watch/ahead";
import { Room } from "../watch/room";

type Part = typeof import("../watch/watch");

interface Opened {
  room: Room;
  part: Part;
}

/** The show over the list; null while the list is what one sees. */
export const opened = signal<Opened | null>(null);

let part: Part | null = null;
let scrolled = 0;

/** Loads the code of the player, for whoever clicks later. */
export function loadPlayer(): void {
  import("../watch/watch").then(
    (loaded) => (part = loaded),
    () => undefined, // the browser goes to the page itself then, and says what is wrong
  );
}

const SIGNS = ["pointermove", "pointerdown", "keydown"] as const;

/**
 * At the first sign of a person (whoever only loads the page is nobody yet): a session, so that a show needs not wait for it, and
 * a connection to nowhere, since the browser's first takes several times as long as the next.
 */
export function awaitPerson(): () => void {
  const greet = (): void => {
    dismiss();
    startSession({ guests: true }).catch(() => undefined); // asked again when it is needed
    const first = new RTCPeerConnection();
    first.addTransceiver("video", { direction: "recvonly" });
    first.setLocalDescription().then(
      () => first.close(),
      () => first.close(),
    );
  };
  const dismiss = (): void => SIGNS.forEach((sign) => removeEventListener(sign, greet));
  SIGNS.forEach((sign) => addEventListener(sign, greet, { passive: true }));
  return dismiss;
}

/** Somebody points at, touches or has reached the card of a show. */
export function intend(show: Show): void {
  if (show.status === "live") prepare(show.id);
}

/** A click on the card of a show: opens it here if it can. */
export function open(event: MouseEvent, show: Show): void {
  const elsewhere = event.metaKey || event.ctrlKey || event.shiftKey || event.altKey || event.button !== 0;
  if (elsewhere) return;
  noteClick(show.id, event.timeStamp);
  if (part === null) return;
  event.preventDefault();
  if (show.status === "live" && show.signal === "on") hasten(show.id);
  scrolled = scrollY;
  history.pushState(null, "", `/watch/${show.id}`);
  opened.value = { room: new Room(show.id, show), part };
}

function close(): void {
  const id = opened.value?.room.id;
  opened.value = null;
  // After the list has been drawn again.
  setTimeout(() => {
    scrollTo({ top: scrolled, behavior: "instant" });
    document.querySelector<HTMLElement>(`[data-show="${CSS.escape(id ?? "")}"]`)?.focus({ preventScroll: true });
  });
}

addEventListener("popstate", () => {
  if (location.pathname === "/") {
    if (opened.value) close();
  } else if (part && pathId()) {
    opened.value = { room: new Room(pathId()), part };
  } else {
    location.reload();
  }
});

// Links back to the list go back in the history, as they came.
document.addEventListener("click", (event) => {
  if (!opened.value || event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey) return;
  const link = (event.target as Element).closest("a");
  if (!link || link.origin !== location.origin || link.pathname !== "/" || link.target) return;
  event.preventDefault();
  history.back();
});
