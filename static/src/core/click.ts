/** When a show was asked for: the click on its card, which may have been on another page. Times are of performance.now(). */

const KEPT = "nearlive.clicked";

interface Click {
  id: string;
  /** Milliseconds since the epoch, of a clock that does not jump. */
  at: number;
}

export function noteClick(id: string, timeStamp: number): void {
  sessionStorage.setItem(KEPT, JSON.stringify({ id, at: performance.timeOrigin + timeStamp } satisfies Click));
}

/** The click that led here; the beginning of this page when there was none. Forgotten once it has been asked for. */
export function clickOf(id: string): number {
  const text = sessionStorage.getItem(KEPT);
  sessionStorage.removeItem(KEPT);
  if (text === null) return 0;
  const click = JSON.parse(text) as Click;
  const since = click.at - performance.timeOrigin;
  // An old one belongs to a visit that never came to its picture.
  return click.id === id && performance.now() - since < 30_000 ? since : 0;
}
