/** Dragging rows of a list into another order, by touch, pen or mouse. */

import { useRef, useState } from "preact/hooks";

interface Drag {
  from: number;
  to: number;
  y: number;
  dy: number;
  height: number;
}

export function useDragOrder(count: number, onMove: (from: number, to: number) => void) {
  const list = useRef<HTMLOListElement>(null);
  const [drag, setDrag] = useState<Drag | null>(null);
  const now = useRef<Drag | null>(null);
  const set = (next: Drag | null) => {
    now.current = next;
    setDrag(next);
  };

  const start = (at: number, event: PointerEvent) => {
    const row = list.current?.children[at];
    const grip = event.currentTarget as HTMLElement;
    if (!row) return;
    event.preventDefault();
    grip.setPointerCapture(event.pointerId);
    set({ from: at, to: at, y: event.clientY, dy: 0, height: row.getBoundingClientRect().height + 8 });
    const move = (moved: PointerEvent) => {
      const current = now.current;
      if (!current) return;
      const dy = moved.clientY - current.y;
      const to = Math.min(count - 1, Math.max(0, at + Math.round(dy / current.height)));
      set({ ...current, dy, to });
    };
    const stop = (stopped: PointerEvent) => {
      grip.removeEventListener("pointermove", move);
      grip.removeEventListener("pointerup", stop);
      grip.removeEventListener("pointercancel", stop);
      const current = now.current;
      set(null);
      if (current && stopped.type === "pointerup" && current.to !== at) onMove(at, current.to);
    };
    grip.addEventListener("pointermove", move);
    grip.addEventListener("pointerup", stop);
    grip.addEventListener("pointercancel", stop);
  };

  return {
    list,
    from: drag?.from ?? null,
    gripOf: (at: number) => ({ onPointerDown: (event: PointerEvent) => start(at, event) }),
    /** How far the row at `at` is moved while dragging. */
    shiftOf: (at: number): number => {
      if (!drag) return 0;
      if (at === drag.from) return drag.dy;
      if (at > drag.from && at <= drag.to) return -drag.height;
      if (at < drag.from && at >= drag.to) return drag.height;
      return 0;
    },
  };
}
