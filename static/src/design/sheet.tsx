import type { ComponentChildren } from "preact";
import { useEffect, useId, useLayoutEffect, useRef, useState } from "preact/hooks";

import { IconButton } from "./button";
import { cx } from "./class_names";
import { t } from "./words";

/** How long the closing movement takes, at most, in ms. */
const CLOSING = 260;
/** Dragged further than this (px), or faster than this (px/ms), the sheet closes. */
const DRAG_FAR = 110;
const DRAG_FAST = 0.6;

export interface SheetProps {
  open: boolean;
  title: string;
  closeLabel?: string;
  onClose: () => void;
  /** On wide screens: a panel at the side (default) or a dialog in the middle. */
  wide?: "side" | "middle";
  /** Under the content, always in sight: the main action. */
  footer?: ComponentChildren;
  /** Before the title: a way back. */
  lead?: ComponentChildren;
  /** After the title. */
  aside?: ComponentChildren;
  /** Lets the page behind show through undimmed, as for a video that goes on playing. */
  clear?: boolean;
  /** Which of several views the body shows, as the steps of a form: a new one begins at its top, with the focus on the title. */
  view?: string;
  class?: string;
  "data-testid"?: string;
  children?: ComponentChildren;
}

/**
 * A modal sheet: from below on phones, from the side on wide screens. Made of the browser's own <dialog>, which keeps the
 * focus inside, makes the page behind inert and gives Escape.
 */
export function Sheet(props: SheetProps) {
  const { open, title, closeLabel = t("close"), onClose, wide = "side", footer, lead, aside, clear, view, class: extra, children } = props;
  const titleId = useId();
  const dialog = useRef<HTMLDialogElement>(null);
  const heading = useRef<HTMLHeadingElement>(null);
  const body = useRef<HTMLDivElement>(null);
  const viewed = useRef(view);
  const [present, setPresent] = useState(open);
  if (open && !present) setPresent(true);

  useLayoutEffect(() => {
    const element = dialog.current;
    if (!element) return;
    if (open && !element.open) {
      element.showModal();
      element.dataset["state"] = "open";
    }
    if (!open && element.open) {
      element.dataset["state"] = "closing";
      const timer = setTimeout(() => {
        element.close();
        setPresent(false);
      }, CLOSING);
      return () => clearTimeout(timer);
    }
    return undefined;
  }, [open, present]);

  useLayoutEffect(() => {
    if (viewed.current === view) return;
    viewed.current = view;
    body.current?.scrollTo({ top: 0, behavior: "instant" });
    heading.current?.focus({ preventScroll: true });
  }, [view]);

  useSheetDrag(dialog, onClose, present);

  if (!present) return null;
  return (
    <dialog
      ref={dialog}
      class={cx("n-sheet", `n-sheet--${wide}`, clear && "n-sheet--clear", extra)}
      aria-labelledby={titleId}
      data-testid={props["data-testid"]}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onClick={(event) => {
        if (event.target === dialog.current) onClose();
      }}
      onWheel={(event) => {
        if (event.target === dialog.current) event.preventDefault();
      }}
    >
      <div class="n-sheet__panel">
        <header class="n-sheet__head" data-drag="">
          <span class="n-sheet__handle" aria-hidden="true" />
          {lead}
          <h2 class="n-sheet__title" id={titleId} ref={heading} tabIndex={-1}>
            {title}
          </h2>
          {aside}
          <IconButton icon="close" label={closeLabel} variant="soft" size={20} onClick={onClose} data-testid="sheet-close" />
        </header>
        <div class="n-sheet__body" ref={body}>{children}</div>
        {footer && <footer class="n-sheet__foot">{footer}</footer>}
      </div>
    </dialog>
  );
}

/** Lets the head of a sheet be dragged down to close it, on phones. */
function useSheetDrag(dialog: { current: HTMLDialogElement | null }, onClose: () => void, present: boolean): void {
  const close = useRef(onClose);
  close.current = onClose;
  useEffect(() => {
    const sheet = dialog.current;
    const head = sheet?.querySelector<HTMLElement>("[data-drag]");
    const panel = head?.parentElement;
    if (!sheet || !head || !panel) return;
    let from: { y: number; at: number } | null = null;
    const start = (event: PointerEvent) => {
      if ((event.target as Element).closest("button") || window.matchMedia("(min-width: 900px)").matches) return;
      from = { y: event.clientY, at: event.timeStamp };
      head.setPointerCapture(event.pointerId);
      panel.style.transition = "none";
    };
    const move = (event: PointerEvent) => {
      if (from) panel.style.transform = `translateY(${Math.max(0, event.clientY - from.y)}px)`;
    };
    const stop = (event: PointerEvent) => {
      if (!from) return;
      const far = event.clientY - from.y;
      const speed = far / Math.max(1, event.timeStamp - from.at);
      from = null;
      panel.style.transition = "";
      panel.style.transform = "";
      if (event.type === "pointerup" && (far > DRAG_FAR || (far > 24 && speed > DRAG_FAST))) close.current();
    };
    head.addEventListener("pointerdown", start);
    head.addEventListener("pointermove", move);
    head.addEventListener("pointerup", stop);
    head.addEventListener("pointercancel", stop);
    return () => {
      head.removeEventListener("pointerdown", start);
      head.removeEventListener("pointermove", move);
      head.removeEventListener("pointerup", stop);
      head.removeEventListener("pointercancel", stop);
    };
  }, [dialog, present]);
}
