/** Keeps the screen on, and asks before the page is left, while a show is on. */

import { useEffect } from "preact/hooks";

export function useWakefulness(active: boolean): void {
  useEffect(() => {
    if (!active) return undefined;
    let lock: WakeLockSentinel | null = null;
    let over = false;
    const hold = () => {
      if (document.visibilityState !== "visible" || !("wakeLock" in navigator)) return;
      navigator.wakeLock.request("screen").then(
        (got) => {
          if (over) void got.release();
          else lock = got;
        },
        // Refused in low-power mode: the show goes on, the screen may go dark.
        () => undefined,
      );
    };
    const ask = (event: BeforeUnloadEvent) => event.preventDefault();
    hold();
    document.addEventListener("visibilitychange", hold);
    addEventListener("beforeunload", ask);
    return () => {
      over = true;
      document.removeEventListener("visibilitychange", hold);
      removeEventListener("beforeunload", ask);
      void lock?.release();
    };
  }, [active]);
}
