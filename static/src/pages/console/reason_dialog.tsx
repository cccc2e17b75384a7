/** A question whose answer goes into the audit log: nothing is done without words. */

import type { ComponentChildren } from "preact";
import { useLayoutEffect, useState } from "preact/hooks";
import { problemText } from "../../core/problems";
import { Button } from "../../design/button";
import { Dialog } from "../../design/dialog";
import { TextArea } from "../../design/fields";
import { t } from "./text";

interface ReasonDialogProps {
  open: boolean;
  title: string;
  text?: string;
  label: string;
  hint?: string;
  initial?: string;
  confirmLabel: string;
  danger?: boolean;
  testid: string;
  /** Rejections are shown here and the dialog stays. */
  onConfirm: (reason: string) => Promise<void>;
  onClose: () => void;
  children?: ComponentChildren;
}

export function ReasonDialog(props: ReasonDialogProps) {
  const { open, title, text, label, hint, initial = "", confirmLabel, danger, testid, onConfirm, onClose } = props;
  const [reason, setReason] = useState(initial);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string | null>(null);
  // Before the first key can be pressed: an effect after painting could wipe what was typed.
  useLayoutEffect(() => {
    if (!open) return;
    setReason(initial);
    setError(null);
    setBusy(false);
  }, [open]);
  const confirm = async () => {
    if (reason.trim() === "") {
      setError(t("required"));
      return;
    }
    setBusy(true);
    try {
      await onConfirm(reason.trim());
    } catch (failure) {
      setError(problemText(failure));
    } finally {
      setBusy(false);
    }
  };
  return (
    <Dialog
      open={open}
      title={title}
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose} disabled={busy}>
            {t("cancel")}
          </Button>
          <Button variant={danger ? "danger" : "primary"} busy={busy} onClick={() => void confirm()} data-testid="confirm">
            {confirmLabel}
          </Button>
        </>
      }
    >
      <div class="stack">
        {text && <p>{text}</p>}
        {props.children}
        <TextArea
          label={label}
          hint={hint}
          error={error}
          value={reason}
          maxLength={300}
          rows={2}
          onValue={(value) => {
            setReason(value);
            setError(null);
          }}
          data-testid={testid}
        />
      </div>
    </Dialog>
  );
}
