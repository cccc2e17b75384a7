import { signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";

import { Icon, type IconName } from "./icons";

export type ToastTone = "plain" | "good" | "bad";

interface ToastEntry {
  id: number;
  text: string;
  tone: ToastTone;
}

const MOST = 3;
const icons: Readonly<Record<ToastTone, IconName | null>> = { plain: null, good: "check-circle", bad: "alert" };

const entries = signal<readonly ToastEntry[]>([]);
let lastId = 0;

/** Says something in passing; `ms` on screen, never less than reading it takes. */
export function toast(text: string, tone: ToastTone = "plain", ms = Math.max(3500, text.length * 90)): void {
  lastId += 1;
  const id = lastId;
  entries.value = [...entries.value.slice(1 - MOST), { id, text, tone }];
  setTimeout(() => {
    entries.value = entries.value.filter((entry) => entry.id !== id);
  }, ms);
}

/** Where toasts appear: once a page. A popover, so that it lies above an open sheet. */
export function Toasts() {
  const box = useRef<HTMLDivElement>(null);
  const shown = entries.value;
  useEffect(() => {
    const element = box.current;
    // Browsers without popovers show the box in place; an open sheet then covers it.
    if (!element || !("showPopover" in element)) return;
    if (element.matches(":popover-open")) element.hidePopover();
    if (shown.length > 0) element.showPopover();
  }, [shown]);
  return (
    <div ref={box} class="n-toasts" popover="manual" role="status" aria-live="polite" data-testid="toasts">
      {shown.map((entry) => {
        const icon = icons[entry.tone];
        return (
          <p key={entry.id} class={`n-toast n-toast--${entry.tone}`}>
            {icon && <Icon name={icon} size={20} />}
            {entry.text}
          </p>
        );
      })}
    </div>
  );
}
