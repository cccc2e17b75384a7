import { useEffect, useMemo, useState } from "preact/hooks";
import { effect } from "@preact/signals";
import { mount } from "../../core/page";
import { clock } from "../../core/i18n";
import type { User } from "../../core/types";
import { problemText } from "../../core/problems";
import { IconButton } from "../../design/button";
import { Wordmark } from "../../design/icons";
import { EmptyState, ErrorState } from "../../design/notices";
import { NavBar, TopBar } from "../../design/rows";
import { toast } from "../../design/toast";
import { Switch } from "../../design/toggles";
import { AccountButton } from "../../work/account";
import { setSound, soundOn } from "../../work/chime";
import { ConnectionBar } from "../../work/connection";
import { Gate } from "../../work/gate";
import { Unsent } from "../../work/unsent";
import { Board } from "./board";
import "./counter.css";
import "./picking.css";
import { CounterState } from "./counter_state";
import { become } from "./deeds";
import { PauseDialog } from "./pause_dialog";
import { Stock } from "./stock";
import { t } from "./text";

function CounterPage({ me, storeId }: { me: User; storeId: string }) {
  const [page, setPage] = useState<"orders" | "stock">("orders");
  const [pausing, setPausing] = useState(false);
  const state = useMemo(
    () => new CounterState(storeId, (order) =>
        order.status === "brought_back"
          ? toast(t("back_toast", { number: order.number }), "bad", 6_000)
          : toast(t("new_order", { number: order.number }), "good", 2_500)),
    [storeId],
  );
  useEffect(() => state.open(), [state]);
  useEffect(
    () =>
      effect(() => {
        const waiting = state.columns.value.new.length;
        document.title = waiting > 0 ? `(${waiting}) ${t("title")}` : t("title");
        badge(waiting);
      }),
    [state],
  );
  const setPaused = async (paused: boolean, minutes: number | null = null) => {
    setPausing(false);
    try {
      await state.setPaused(paused, minutes);
    } catch (error) {
      toast(problemText(error), "bad");
    }
  };
  const store = state.store.value;
  const waiting = state.columns.value.new.length;
  return (
    <div class="ct-page">
      <ConnectionBar />
      <TopBar
        start={<Wordmark />}
        title={<span class="ct-store truncate">{me.store_name}</span>}
        end={
          <>
            {store && (
              <span class="ct-pause">
                <Switch
                  label={store.paused ? t("paused") : t("accepting")}
                  checked={!store.paused}
                  onChange={(open) => (open ? void setPaused(false) : setPausing(true))}
                  data-testid="store-pause"
                />
              </span>
            )}
            <IconButton
              icon={soundOn.value ? "sound-on" : "sound-off"}
              label={soundOn.value ? t("sound_off") : t("sound_on")}
              onClick={() => setSound(!soundOn.value)}
              data-testid="sound-toggle"
            />
            <AccountButton />
          </>
        }
      />
      <main class="ct-main">
        <Unsent outbox={state.outbox} deed={(kind) => t(`deed_${kind}`)} more={become} />
        {store?.paused && (
          <p class="ct-paused" role="status">
            {store.paused_until ? t("paused_until", { time: clock(store.paused_until) }) : t("paused_open")}
          </p>
        )}
        <h1 class="sr-only">{page === "orders" ? t("orders") : t("stock")}</h1>
        {state.refusal.value !== null ? (
          <ErrorState error={state.refusal.value} />
        ) : page === "orders" ? (
          <Board state={state} storeName={me.store_name ?? ""} />
        ) : (
          <Stock state={state} />
        )}
      </main>
      <NavBar
        label={t("title")}
        current={page}
        items={[
          { id: "orders", label: t("orders"), icon: "receipt", count: waiting, onClick: () => setPage("orders") },
          { id: "stock", label: t("stock"), icon: "box", onClick: () => setPage("stock") },
        ]}
      />
      <PauseDialog open={pausing} onPause={(minutes) => void setPaused(true, minutes)} onClose={() => setPausing(false)} />
    </div>
  );
}

/** On the icon of the installed page, where the system can. */
function badge(count: number): void {
  const app = navigator as Navigator & { setAppBadge?: (count: number) => Promise<void> };
  void app.setAppBadge?.(count).catch(() => undefined);
}

function Counter() {
  return (
    <Gate roles={["staff"]}>
      {(me) =>
        me.store_id === null ? (
          <EmptyState icon="store" title={t("no_store")} text={t("no_store_text")} />
        ) : (
          <CounterPage me={me} storeId={me.store_id} />
        )
      }
    </Gate>
  );
}

mount(Counter, () => t("title"));
