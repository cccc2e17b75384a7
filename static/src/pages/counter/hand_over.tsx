/** Giving the bag to the courier: against the code on the courier's phone, or by name where there is none. */

import { useLayoutEffect, useState } from "preact/hooks";
import { problemText } from "../../core/problems";
import type { CounterOrder } from "../../core/types";
import { Button } from "../../design/button";
import { Sheet } from "../../design/sheet";
import { toast } from "../../design/toast";
import { Keypad } from "../../work/keypad";
import type { CounterState } from "./counter_state";
import { t } from "./text";

const CODE_LENGTH = 4;
const VEHICLES = ["foot", "bicycle", "ebike", "scooter", "car"] as const;

interface HandOverProps {
  order: CounterOrder | null;
  state: CounterState;
  onClose: () => void;
}

export function HandOver({ order, state, onClose }: HandOverProps) {
  const [code, setCode] = useState("");
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string | null>(null);
  // Before the first key can be pressed: an effect after painting could wipe what was typed.
  useLayoutEffect(() => {
    setCode("");
    setError(null);
  }, [order?.id]);
  const byName = order?.job?.by_name === true;
  const submit = async () => {
    if (!order || busy) return;
    setBusy(true);
    try {
      const confirmed = await state.handOver(order, byName ? null : code);
      toast(t(confirmed ? "handed_over" : "handed_over_later", { number: order.number }), confirmed ? "good" : "plain");
      onClose();
    } catch (failure) {
      setError(problemText(failure));
      setCode("");
    } finally {
      setBusy(false);
    }
  };
  return (
    <Sheet
      open={order !== null}
      title={t(byName ? "by_name_title" : "hand_over_title")}
      closeLabel={t("close")}
      onClose={onClose}
      wide="middle"
      data-testid="hand-over"
      footer={
        <Button
          variant="primary"
          size="l"
          wide
          busy={busy}
          disabled={!byName && code.length < CODE_LENGTH}
          onClick={() => void submit()}
          data-testid="hand-over-submit"
        >
          {t("confirm_hand_over")}
        </Button>
      }
    >
      <div class="ct-hand-over">
        <p class="ct-hand-over__number num">{order?.number}</p>
        <p class="muted">{[courierOf(order), t(byName ? "by_name_text" : "hand_over_text")].filter(Boolean).join(" · ")}</p>
        {byName ? (
          error !== null && (
            <p class="w-keypad__error" role="alert">
              {error}
            </p>
          )
        ) : (
          <Keypad
            label={t("hand_over_code")}
            length={CODE_LENGTH}
            value={code}
            onValue={(value) => {
              setCode(value);
              if (value !== "") setError(null);
            }}
            error={error}
            disabled={busy}
            data-testid="hand-over-code"
          />
        )}
      </div>
    </Sheet>
  );
}

/** Name, and of another provider's courier also whose, and riding what. */
function courierOf(order: CounterOrder | null): string {
  const job = order?.job;
  if (!job?.courier_name) return "";
  if (job.provider === "fleet") return job.courier_name;
  const whose = job.provider === "dada" ? t("by_dada") : job.provider === "uber" ? "Uber" : job.provider;
  const riding = VEHICLES.find((one) => one === job.vehicle);
  return [job.courier_name, whose, riding && t(`by_${riding}`)].filter(Boolean).join(" · ");
}
