/** What becomes of the money and the goods of an order that could not be delivered. */

import { useLayoutEffect, useState } from "preact/hooks";
import { post } from "../../core/api";
import { money } from "../../core/i18n";
import { problemText } from "../../core/problems";
import type { CameBack, CounterOrder } from "../../core/types";
import { Button } from "../../design/button";
import { Dialog } from "../../design/dialog";
import { TextArea } from "../../design/fields";
import { Choice } from "../../design/toggles";
import { l } from "./late_text";
import { t } from "./text";

interface BackDialogProps {
  /** The order to decide about; null while nothing is asked. */
  order: (CounterOrder & { back: CameBack }) | null;
  onDone: (order: CounterOrder) => void;
  onClose: () => void;
}

export function BackDialog({ order, onDone, onClose }: BackDialogProps) {
  const [keep, setKeep] = useState(false);
  const [restock, setRestock] = useState<"yes" | "no" | null>(null);
  const [note, setNote] = useState("");
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string | null>(null);
  useLayoutEffect(() => {
    setKeep(order !== null && order.back.blamed && order.back.fee > 0);
    setRestock(null);
    setNote("");
    setError(null);
  }, [order?.id]);
  if (order === null) return null;
  const amount = (value: number) => money(value, order.currency);
  const { captured, refunded } = order.payment;
  const taken = captured - refunded;
  const { fee } = order.back;

  async function decide(): Promise<void> {
    if (order === null) return;
    if (restock === null) {
      setError(l("back_goods_missing"));
      return;
    }
    setBusy(true);
    try {
      const body = { keep_fee: keep, restock: restock === "yes", note: note.trim() };
      onDone(await post<CounterOrder>(`/api/orders/${order.id}/close`, body));
    } catch (failure) {
      setError(problemText(failure));
    } finally {
      setBusy(false);
    }
  }

  return (
    <Dialog
      open
      firm
      title={l("back_q", { number: order.number })}
      onClose={onClose}
      data-testid="back-dialog"
      actions={
        <>
          <Button onClick={onClose} disabled={busy}>
            {t("cancel")}
          </Button>
          <Button variant="primary" busy={busy} onClick={() => void decide()} data-testid="back-decide">
            {l("back_decide")}
          </Button>
        </>
      }
    >
      <div class="stack">
        {fee === 0 || taken <= 0 ? (
          <p data-testid="back-money">{taken <= 0 ? l("back_nothing") : l("back_full_only", { amount: amount(taken) })}</p>
        ) : (
          <div class="stack" data-testid="back-money">
            <b>{l("back_money")}</b>
            <Choice
              label={l("back_money")}
              look="rows"
              value={keep ? "keep" : "full"}
              options={[
                { value: "full", label: l("back_full"), hint: l("back_gets", { amount: amount(taken) }) },
                { value: "keep", label: l("back_keep", { fee: amount(fee) }), hint: l("back_gets", { amount: amount(Math.max(0, taken - fee)) }) },
              ]}
              onChange={(value) => setKeep(value === "keep")}
            />
          </div>
        )}
        <div class="stack" data-testid="back-goods">
          <b>{l("back_goods")}</b>
          <Choice
            label={l("back_goods")}
            look="rows"
            value={restock}
            options={[
              { value: "yes", label: l("back_restock"), hint: l("back_restock_text") },
              { value: "no", label: l("back_write_off"), hint: l("back_write_off_text") },
            ]}
            onChange={(value) => {
              setRestock(value);
              setError(null);
            }}
          />
        </div>
        <TextArea label={l("back_note")} error={error} value={note} maxLength={300} rows={2} onValue={setNote} data-testid="back-note" />
      </div>
    </Dialog>
  );
}
