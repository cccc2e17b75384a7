/** Counting a product, or saying what came or went. Sent by the outbox: it works without a network. */

import { useState } from "preact/hooks";
import type { Product } from "../../core/types";
import { Button } from "../../design/button";
import { TextInput } from "../../design/fields";
import { Sheet } from "../../design/sheet";
import { toast } from "../../design/toast";
import { Choice, Stepper } from "../../design/toggles";
import type { CounterState } from "./counter_state";
import { t } from "./text";

const MOST = 99_999;
const COMING = ["received", "found"] as const;
const GOING = ["damaged", "expired", "lost", "sample"] as const;
type Reason = (typeof COMING)[number] | (typeof GOING)[number];
const REASONS: readonly Reason[] = [...COMING, ...GOING];

interface EditStockProps {
  product: Product;
  state: CounterState;
  onClose: () => void;
}

export function EditStock({ product, state, onClose }: EditStockProps) {
  const row = state.shelf.row(product.id);
  const [way, setWay] = useState<"count" | "change">("count");
  const [count, setCount] = useState(row?.on_hand ?? 0);
  const [pieces, setPieces] = useState(1);
  const [reason, setReason] = useState<Reason>("received");
  const coming = (COMING as readonly string[]).includes(reason);
  const save = () => {
    const path = `/api/stores/${state.storeId}/stock/${product.id}/${way === "count" ? "count" : "adjust"}`;
    const body = way === "count" ? { on_hand: count } : { change: coming ? pieces : -pieces, reason };
    state.outbox.add({ kind: "stock", method: "POST", about: product.id, label: product.name, path, body });
    toast(t("saved"), "good");
    onClose();
  };
  return (
    <Sheet
      open
      title={product.name}
      closeLabel={t("close")}
      onClose={onClose}
      wide="middle"
      footer={
        <Button variant="primary" size="l" wide onClick={save} data-testid="stock-save">
          {t("set")}
        </Button>
      }
    >
      <div class="stack ct-edit">
        <Choice
          label={t("edit_stock")}
          value={way}
          options={[
            { value: "count", label: t("r_count") },
            { value: "change", label: t("came_or_went") },
          ]}
          onChange={setWay}
        />
        {way === "count" ? (
          <Pieces label={t("on_hand")} value={count} min={0} onChange={setCount} />
        ) : (
          <>
            <Choice
              label={t("stock_reason")}
              look="chips"
              value={reason}
              options={REASONS.map((value) => ({ value, label: t(`r_${value}`) }))}
              onChange={setReason}
            />
            <Pieces label={coming ? t("came") : t("went")} value={pieces} min={1} onChange={setPieces} />
          </>
        )}
        {row !== null && row.reserved > 0 && <p class="muted small">{t("reserved_hint", { n: row.reserved })}</p>}
      </div>
    </Sheet>
  );
}

function Pieces(props: { label: string; value: number; min: number; onChange: (value: number) => void }) {
  const { label, value, min, onChange } = props;
  return (
    <TextInput
      label={label}
      inputMode="numeric"
      value={String(value)}
      onValue={(text) => onChange(Math.max(min, Math.min(MOST, Number(text.replace(/\D/g, "")) || 0)))}
      end={<Stepper label={label} value={value} min={min} max={MOST} onChange={onChange} />}
      data-testid="stock-on-hand"
    />
  );
}
