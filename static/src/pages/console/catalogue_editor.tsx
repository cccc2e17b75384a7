/** The frame of an editor: parts, what is unsaved, a guard against losing it, and what to do when somebody else was faster. */

import type { ComponentChildren, RefObject } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { Banner } from "../../design/notices";
import { Button } from "../../design/button";
import { Confirm } from "../../design/dialog";
import { Sheet } from "../../design/sheet";
import { Tabs } from "../../design/toggles";
import { e } from "./catalogue_edit_text";
import { c } from "./catalogue_text";

interface NavigateEvent extends Event {
  cancelable: boolean;
  navigationType: string;
}

/** Asks `ask` before the page is left by Back or closed while something is unsaved. */
function useLeaveGuard(dirty: boolean, ask: () => void): void {
  const latest = useRef(ask);
  latest.current = ask;
  useEffect(() => {
    if (!dirty) return;
    const unload = (event: BeforeUnloadEvent) => event.preventDefault();
    const leave = (event: Event) => {
      if (!event.cancelable || (event as NavigateEvent).navigationType === "reload") return;
      event.preventDefault();
      latest.current();
    };
    const { navigation } = window as unknown as { navigation?: EventTarget };
    addEventListener("beforeunload", unload);
    navigation?.addEventListener("navigate", leave);
    return () => {
      removeEventListener("beforeunload", unload);
      navigation?.removeEventListener("navigate", leave);
    };
  }, [dirty]);
}

function toTop(): void {
  document.querySelector(".ct-editor .n-sheet__body")?.scrollTo({ top: 0, behavior: "instant" });
}

export interface EditorPart<P extends string> {
  value: P;
  label: string;
  /** Something in it has to be put right. */
  wrong: boolean;
}

interface EditorSheetProps<P extends string> {
  title: string;
  parts: readonly EditorPart<P>[];
  part: P;
  onPart: (part: P) => void;
  /** How many things are changed and not saved. */
  unsaved: number;
  fresh: boolean;
  busy: boolean;
  onSave: () => void;
  onDiscard: () => void;
  onClose: () => void;
  /** Somebody else has saved it meanwhile. */
  overtaken: boolean;
  onReload: (keep: boolean) => void;
  /** What else is to be said above everything. */
  note?: ComponentChildren;
  view?: string;
  /** Gets the way to leave for something else: it asks first, if anything is unsaved. */
  guard?: RefObject<(go: () => void) => void>;
  "data-testid"?: string;
  children?: ComponentChildren;
}

export function EditorSheet<P extends string>(props: EditorSheetProps<P>) {
  const { title, parts, part, onPart, unsaved, fresh, busy, onSave, onDiscard, onClose, overtaken, onReload, note, view, guard, children } = props;
  const [going, setGoing] = useState<{ go: () => void } | null>(null);
  const dirty = unsaved > 0;
  const leave = (go: () => void) => {
    if (busy) return;
    if (dirty) setGoing({ go });
    else go();
  };
  if (guard) guard.current = leave;
  useLeaveGuard(dirty, () => leave(onClose));
  const noted = Boolean(note);
  useEffect(() => {
    if (overtaken || noted) toTop();
  }, [overtaken, noted]);
  return (
    <>
      <Sheet
        open
        title={title}
        onClose={() => leave(onClose)}
        class="ct-editor"
        {...(view === undefined ? {} : { view })}
        data-testid={props["data-testid"]}
        footer={
          <div class="ct-save">
            <span class="ct-save__state small" role="status" data-testid="unsaved">
              {dirty ? e("unsaved", { n: unsaved }) : fresh ? "" : e("all_saved")}
            </span>
            {dirty && !fresh && (
              <Button onClick={onDiscard} disabled={busy} data-testid="discard">
                {e("discard")}
              </Button>
            )}
            <Button variant="primary" busy={busy} disabled={!dirty && !fresh} onClick={onSave} data-testid="save">
              {fresh ? e("create") : c("save")}
            </Button>
          </div>
        }
      >
        {overtaken && (
          <Banner tone="warn" title={e("overtaken")} alert data-testid="overtaken">
            <p>{e("overtaken_text")}</p>
            <span class="ct-overtaken">
              <Button size="s" variant="primary" onClick={() => onReload(true)} data-testid="keep-mine">
                {e("keep_mine")}
              </Button>
              <Button size="s" onClick={() => onReload(false)} data-testid="load-theirs">
                {e("load_theirs")}
              </Button>
            </span>
          </Banner>
        )}
        {note}
        {parts.length > 1 && (
          <Tabs
            class="ct-parts"
            label={title}
            value={part}
            items={parts.map(({ value, label, wrong }) => ({ value, label: wrong ? `${label} ⚠` : label }))}
            onChange={(next) => {
              onPart(next);
              toTop();
            }}
          />
        )}
        <div class="ct-part" role={parts.length > 1 ? "tabpanel" : undefined} aria-label={parts.find((one) => one.value === part)?.label}>
          {children}
        </div>
      </Sheet>
      <Confirm
        open={going !== null}
        title={e("leave_q")}
        text={e("leave_text")}
        confirmLabel={e("discard")}
        cancelLabel={e("stay")}
        danger
        onConfirm={() => {
          const go = going?.go;
          setGoing(null);
          go?.();
        }}
        onClose={() => setGoing(null)}
      />
    </>
  );
}
