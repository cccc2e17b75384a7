/** Handing the goods over against the buyer's PIN. */

import { useLayoutEffect, useState } from "preact/hooks";
import { money } from "../../core/i18n";
import { problemCode, problemText } from "../../core/problems";
import type { Job } from "../../core/types";
import { Button } from "../../design/button";
import { Badge } from "../../design/labels";
import { Sheet } from "../../design/sheet";
import { Keypad } from "../../work/keypad";
import type { CourierDay } from "./courier_state";
import { t } from "./text";

const PIN_LENGTH = 4;

interface DeliverSheetProps {
  open: boolean;
  job: Job;
  day: CourierDay;
  onClose: () => void;
}

export function DeliverSheet({ open, job, day, onClose }: DeliverSheetProps) {
  const [pin, setPin] = useState("");
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string | null>(null);
  // Before the first key can be pressed: an effect after painting could wipe what was typed.
  useLayoutEffect(() => {
    setPin("");
    setError(null);
  }, [open]);
  const submit = async () => {
    if (busy) return;
    setBusy(true);
    try {
      await day.deliver(job.id, pin, job.cash_due);
      onClose();
    } catch (failure) {
      setError(problemText(failure));
      // The bag may have become smaller on the way: the amount that is asked for is the one that the page shows.
      if (problemCode(failure) === "cash_due") void day.load();
      setPin("");
    } finally {
      setBusy(false);
    }
  };
  return (
    <Sheet
      open={open}
      title={t("pin_title")}
      closeLabel={t("close")}
      onClose={onClose}
      wide="middle"
      data-testid="deliver"
      footer={
        <Button
          size="l"
          wide
          variant="primary"
          busy={busy}
          disabled={pin.length < PIN_LENGTH}
          onClick={() => void submit()}
          data-testid="deliver-submit"
        >
          {job.cash_due > 0 ? t("deliver_cash", { amount: money(job.cash_due) }) : t("deliver")}
        </Button>
      }
    >
      <div class="co-pin">
        <p>
          <b>{job.drop_off.text}</b>
        </p>
        {job.cash_due > 0 && (
          <Badge tone="warn" icon="card" data-testid="cash-due">
            <span class="num">{t("cash_due", { amount: money(job.cash_due) })}</span>
          </Badge>
        )}
        <p class="muted small">{t("pin_text")}</p>
        <Keypad
          label={t("pin")}
          length={PIN_LENGTH}
          value={pin}
          onValue={(value) => {
            setPin(value);
            if (value !== "") setError(null);
          }}
          error={error}
          disabled={busy}
          data-testid="pin-input"
        />
      </div>
    </Sheet>
  );
}
