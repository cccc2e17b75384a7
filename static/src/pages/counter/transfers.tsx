/** Goods that other stores have sent here: counted as they arrive. */

import { useEffect, useState } from "preact/hooks";
import { get } from "../../core/api";
import { when } from "../../core/i18n";
import { Button } from "../../design/button";
import { Icon } from "../../design/icons";
import { Sheet } from "../../design/sheet";
import { toast } from "../../design/toast";
import { Stepper } from "../../design/toggles";
import type { Product } from "../../core/types";
import type { CounterState } from "./counter_state";
import { t } from "./text";

interface Transfer {
  id: string;
  status: string;
  from_store: { id: string; name: string };
  to_store: { id: string; name: string };
  lines: { product_id: string; product: Product | null; sent: number }[];
  sent_at: string;
}

export function Transfers({ state }: { state: CounterState }) {
  const [coming, setComing] = useState<Transfer[]>([]);
  const [open, setOpen] = useState<Transfer | null>(null);
  const waiting = state.outbox.deeds.value.filter((deed) => deed.kind === "transfer").map((deed) => deed.about);
  useEffect(() => {
    // Without a network the list stays as it is: receiving goes through the outbox all the same.
    get<{ items: Transfer[] }>(`/api/stores/${state.storeId}/transfers`).then(
      ({ items }) => setComing(items.filter((one) => one.status === "sent" && one.to_store.id === state.storeId)),
      () => undefined,
    );
  }, [state, waiting.length]);
  const shown = coming.filter((one) => !waiting.includes(one.id));
  if (shown.length === 0) return null;
  return (
    <section class="ct-transfers">
      <h2>{t("transfers")}</h2>
      {shown.map((one) => (
        <button key={one.id} type="button" class="ct-choice" onClick={() => setOpen(one)} data-testid={`transfer-${one.id}`}>
          <Icon name="box" size={22} />
          <span class="grow">
            {t("from_store", { name: one.from_store.name })}
            <span class="muted small num"> {when(one.sent_at)}</span>
          </span>
          <span class="num">{t("pieces", { n: one.lines.reduce((sum, line) => sum + line.sent, 0) })}</span>
        </button>
      ))}
      {open && <Receive key={open.id} transfer={open} state={state} onClose={() => setOpen(null)} />}
    </section>
  );
}

function Receive({ transfer, state, onClose }: { transfer: Transfer; state: CounterState; onClose: () => void }) {
  const [counts, setCounts] = useState(() => new Map(transfer.lines.map((line) => [line.product_id, line.sent])));
  const save = () => {
    const lines = [...counts].map(([product_id, received]) => ({ product_id, received }));
    const path = `/api/transfers/${transfer.id}/receive`;
    state.outbox.add({ kind: "transfer", method: "POST", about: transfer.id, label: transfer.from_store.name, path, body: { lines } });
    toast(t("saved"), "good");
    onClose();
  };
  return (
    <Sheet
      open
      title={t("from_store", { name: transfer.from_store.name })}
      closeLabel={t("close")}
      onClose={onClose}
      wide="middle"
      footer={
        <Button variant="primary" size="l" wide icon="check" onClick={save} data-testid="transfer-receive">
          {t("receive")}
        </Button>
      }
    >
      <div class="stack">
        <p class="muted small">{t("receive_text")}</p>
        {transfer.lines.map((line) => {
          const name = line.product?.name ?? line.product_id;
          return (
            <div key={line.product_id} class="row">
              <span class="grow">
                {name} <span class="muted small num">{t("sent", { n: line.sent })}</span>
              </span>
              <Stepper
                label={name}
                value={counts.get(line.product_id) ?? 0}
                min={0}
                max={line.sent}
                onChange={(count) => setCounts(new Map(counts).set(line.product_id, count))}
              />
            </div>
          );
        })}
      </div>
    </Sheet>
  );
}
