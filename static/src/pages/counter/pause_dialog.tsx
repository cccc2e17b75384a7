/** Stopping new orders for a while, or until somebody goes on. */

import { useState } from "preact/hooks";
import { Button } from "../../design/button";
import { Dialog } from "../../design/dialog";
import { Choice } from "../../design/toggles";
import { t } from "./text";

const FOR = ["15", "30", "60", "open"] as const;

interface PauseDialogProps {
  open: boolean;
  onPause: (minutes: number | null) => void;
  onClose: () => void;
}

export function PauseDialog({ open, onPause, onClose }: PauseDialogProps) {
  const [length, setLength] = useState<(typeof FOR)[number]>("30");
  return (
    <Dialog
      open={open}
      title={t("pause_q")}
      onClose={onClose}
      data-testid="pause"
      actions={
        <>
          <Button onClick={onClose}>{t("cancel")}</Button>
          <Button variant="danger" onClick={() => onPause(length === "open" ? null : Number(length))} data-testid="confirm">
            {t("pause")}
          </Button>
        </>
      }
    >
      <p class="muted small">{t("pause_text")}</p>
      <Choice
        label={t("pause_for")}
        look="rows"
        value={length}
        options={FOR.map((value) => ({ value, label: value === "open" ? t("pause_open") : t("pause_minutes", { n: Number(value) }) }))}
        onChange={setLength}
      />
    </Dialog>
  );
}
