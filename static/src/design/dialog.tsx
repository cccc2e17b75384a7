import type { ComponentChildren } from "preact";
import { useId, useLayoutEffect, useRef } from "preact/hooks";

import { Button } from "./button";
import { cx } from "./class_names";
import { t } from "./words";

export interface DialogProps {
  open: boolean;
  title: string;
  onClose: () => void;
  /** A click beside the box does not close it: what is in it is lost then. */
  firm?: boolean;
  actions?: ComponentChildren;
  class?: string;
  "data-testid"?: string;
  children?: ComponentChildren;
}

/** A small modal box in the middle, for one question or one short form. */
export function Dialog({ open, title, onClose, firm, actions, class: extra, children, ...data }: DialogProps) {
  const titleId = useId();
  const element = useRef<HTMLDialogElement>(null);
  useLayoutEffect(() => {
    const box = element.current;
    if (!open || !box || box.open) return undefined;
    const from = document.activeElement;
    box.showModal();
    return () => {
      // A box that is closed gives the focus back; one that is gone already took it along.
      if (box.isConnected) box.close();
      else if (document.activeElement === document.body && from instanceof HTMLElement) from.focus();
    };
  }, [open]);
  if (!open) return null;
  return (
    <dialog
      {...data}
      ref={element}
      class={cx("n-dialog", extra)}
      aria-labelledby={titleId}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onClick={(event) => {
        if (event.target === element.current && !firm) onClose();
      }}
    >
      <div class="n-dialog__panel">
        <h2 class="n-dialog__title" id={titleId}>
          {title}
        </h2>
        {children && <div class="n-dialog__body">{children}</div>}
        {actions && <div class="n-dialog__actions">{actions}</div>}
      </div>
    </dialog>
  );
}

export interface ConfirmProps {
  open: boolean;
  title: string;
  text?: string;
  confirmLabel: string;
  cancelLabel?: string;
  danger?: boolean;
  busy?: boolean;
  onConfirm: () => void;
  onClose: () => void;
  children?: ComponentChildren;
}

/** Asks before something that cannot be undone. */
export function Confirm(props: ConfirmProps) {
  const { open, title, text, confirmLabel, cancelLabel = t("cancel"), danger, busy, onConfirm, onClose, children } = props;
  return (
    <Dialog
      open={open}
      title={title}
      onClose={onClose}
      data-testid="confirm"
      actions={
        <>
          <Button onClick={onClose} disabled={busy}>
            {cancelLabel}
          </Button>
          <Button variant={danger ? "danger" : "primary"} busy={busy} onClick={onConfirm} data-testid="confirm-yes">
            {confirmLabel}
          </Button>
        </>
      }
    >
      {text && <p>{text}</p>}
      {children}
    </Dialog>
  );
}
