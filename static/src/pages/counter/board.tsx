/** The queue: three columns by due time; on phones one at a time behind tabs. */

import { useState } from "preact/hooks";
import { problemText } from "../../core/problems";
import type { CounterOrder } from "../../core/types";
import { Button } from "../../design/button";
import { cx } from "../../design/class_names";
import { Confirm, Dialog } from "../../design/dialog";
import { EmptyState } from "../../design/notices";
import { Skeleton } from "../../design/progress";
import { toast } from "../../design/toast";
import { Choice, Tabs } from "../../design/toggles";
import type { Column, CounterState, Step } from "./counter_state";
import { HandOver } from "./hand_over";
import { OrderCard } from "./order_card";
import { pickedOf, progress, setPicked, toPick } from "./picked";
import { PrintView } from "./print";
import { Scanner, type Heard } from "./scanner";
import { ShortSheet } from "./short_sheet";
import { t } from "./text";

type Tab = Column | "done";

const EMPTY = { new: "bell", picking: "bag", ready: "scooter" } as const;
const REASONS = ["out", "damaged", "closing", "busy"] as const;

export function Board({ state, storeName }: { state: CounterState; storeName: string }) {
  const [tab, setTab] = useState<Tab>("new");
  const [handing, setHanding] = useState<CounterOrder | null>(null);
  const [rejecting, setRejecting] = useState<CounterOrder | null>(null);
  const [unticked, setUnticked] = useState<CounterOrder | null>(null);
  const [scanning, setScanning] = useState<string | null>(null);
  const [short, setShort] = useState<{ order: CounterOrder; productId: string } | null>(null);
  const [printing, setPrinting] = useState<CounterOrder | null>(null);
  const [reason, setReason] = useState<(typeof REASONS)[number]>("out");
  const columns = state.columns.value;
  const done = state.done.value;
  const scanned = columns.picking.find((order) => order.id === scanning) ?? null;

  const act = (order: CounterOrder, step: Step) => {
    const { done: picked, all } = progress(order);
    if (step === "ready" && picked < all) setUnticked(order);
    else state.act(order, step);
  };
  const choose = (next: Tab) => {
    setTab(next);
    if (next === "done" && done === null) void state.loadDone().catch((error) => toast(problemText(error), "bad"));
  };

  const card = (order: CounterOrder) => (
    <OrderCard
      key={order.id}
      order={order}
      state={state}
      onStep={(step) => act(order, step)}
      onReject={() => setRejecting(order)}
      onHandOver={() => setHanding(order)}
      onScan={() => setScanning(order.id)}
      onShort={(productId) => setShort({ order, productId })}
      onPrint={() => setPrinting(order)}
    />
  );

  return (
    <>
      <div class="ct-tabs">
        <Tabs<Tab>
          label={t("orders")}
          value={tab}
          items={[
            { value: "new", label: t("new"), count: columns.new.length },
            { value: "picking", label: t("picking"), count: columns.picking.length },
            { value: "ready", label: t("ready"), count: columns.ready.length },
            { value: "done", label: t("done") },
          ]}
          onChange={choose}
        />
      </div>
      <div class="ct-board" data-tab={tab}>
        {(["new", "picking", "ready"] as const).map((column) => (
          <section key={column} class={cx("ct-column", tab === column && "ct-column--shown")} data-testid={`column-${column}`}>
            <h2 class="ct-column__title">
              {t(column)} <span class="ct-column__count num">{columns[column].length}</span>
            </h2>
            <div class="ct-column__list">
              {!state.loaded.value && [1, 2].map((row) => <Skeleton key={row} height="180px" />)}
              {state.loaded.value && columns[column].length === 0 && (
                <EmptyState
                  icon={EMPTY[column]}
                  title={t(`none_${column}`)}
                  text={column === "new" ? t("none_new_text") : undefined}
                  data-testid={`empty-${column}`}
                />
              )}
              {columns[column].map(card)}
            </div>
          </section>
        ))}
        <section class={cx("ct-column", "ct-column--done", tab === "done" && "ct-column--shown")} data-testid="column-done">
          <h2 class="ct-column__title">{t("done")}</h2>
          <div class="ct-column__list">
            {done === null && tab === "done" && [1, 2].map((row) => <Skeleton key={row} height="120px" />)}
            {done?.length === 0 && <EmptyState icon="check-circle" title={t("none_done")} />}
            {done?.map(card)}
          </div>
        </section>
      </div>
      <p class="ct-done-toggle">
        <Button variant="quiet" onClick={() => choose(tab === "done" ? "new" : "done")} data-testid="done-toggle">
          {tab === "done" ? t("hide_done") : t("show_done")}
        </Button>
      </p>
      {scanned && <Scanner title={t("scan_order", { number: scanned.number })} onCode={(code) => heard(scanned, state, code)} onClose={() => setScanning(null)} />}
      {short && (
        <ShortSheet
          {...short}
          state={state}
          onReject={() => {
            setRejecting(short.order);
            setShort(null);
          }}
          onClose={() => setShort(null)}
        />
      )}
      {printing && <PrintView order={printing} storeName={storeName} shelf={state.shelf} onDone={() => setPrinting(null)} />}
      <HandOver order={handing} state={state} onClose={() => setHanding(null)} />
      <Confirm
        open={unticked !== null}
        title={t("not_all")}
        text={unticked ? t("not_all_text", { n: progress(unticked).all - progress(unticked).done }) : ""}
        confirmLabel={t("yes_ready")}
        cancelLabel={t("cancel")}
        onConfirm={() => {
          const order = unticked;
          setUnticked(null);
          if (order) state.act(order, "ready");
        }}
        onClose={() => setUnticked(null)}
      />
      <Dialog
        open={rejecting !== null}
        title={t("reject_q")}
        onClose={() => setRejecting(null)}
        data-testid="reject"
        actions={
          <>
            <Button onClick={() => setRejecting(null)}>{t("cancel")}</Button>
            <Button
              variant="danger"
              onClick={() => {
                const order = rejecting;
                setRejecting(null);
                if (order) state.reject(order, t(`reason_${reason}`));
              }}
              data-testid="reject-confirm"
            >
              {t("reject")}
            </Button>
          </>
        }
      >
        <p class="muted small">{t("reject_text")}</p>
        <Choice
          label={t("reject_q")}
          look="rows"
          value={reason}
          options={REASONS.map((value) => ({ value, label: t(`reason_${value}`) }))}
          onChange={setReason}
        />
      </Dialog>
    </>
  );
}

/** One more piece of what the code is. */
function heard(order: CounterOrder, state: CounterState, code: string): Heard {
  const product = state.shelf.byBarcode(code)?.product;
  if (!product) return { good: false, text: t("code_unknown", { code: code.trim() }) };
  const line = toPick(order).find((one) => one.product_id === product.id);
  if (!line) return { good: false, text: t("code_other", { name: product.name }) };
  const picked = pickedOf(order, product.id);
  if (picked >= line.quantity) return { good: false, text: t("code_enough", { name: product.name }) };
  setPicked(order, product.id, picked + 1);
  return { good: true, text: t("code_good", { name: product.name, done: picked + 1, all: line.quantity }) };
}
