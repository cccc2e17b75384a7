/** All stores: when they are open, the pause switch, how much they take. */

import { useEffect, useState } from "preact/hooks";
import { get, patch } from "../../core/api";
import { distance, when } from "../../core/i18n";
import { problemText } from "../../core/problems";
import { DAYS, type Day, type StoreEntry } from "../../core/types_catalogue";
import { Button } from "../../design/button";
import { StatusPill } from "../../design/labels";
import { EmptyState, ErrorState } from "../../design/notices";
import { Skeleton } from "../../design/progress";
import { Sheet } from "../../design/sheet";
import { toast } from "../../design/toast";
import { Choice } from "../../design/toggles";
import { e } from "./catalogue_edit_text";
import { StoreSheet } from "./catalogue_store_sheet";
import { c } from "./catalogue_text";

const PAUSES = ["30", "60", "120", "0"] as const;

export function CatalogueStores() {
  const [stores, setStores] = useState<StoreEntry[] | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [edited, setEdited] = useState<StoreEntry | "new" | null>(null);
  const [pausing, setPausing] = useState<StoreEntry | null>(null);
  const load = () => {
    setError(null);
    get<{ items: StoreEntry[] }>("/api/catalogue/stores").then(({ items }) => setStores(items), setError);
  };
  useEffect(load, []);
  const change = (store: StoreEntry) =>
    setStores((old) => {
      const others = old ?? [];
      if (others.some((one) => one.id === store.id)) return others.map((one) => (one.id === store.id ? store : one));
      return [...others, store].sort((one, other) => one.id.localeCompare(other.id));
    });
  const resume = async (store: StoreEntry) => {
    try {
      await patch(`/api/stores/${store.id}`, { paused: false });
      toast(c("resumed_ok"), "good");
      load();
    } catch (failure) {
      toast(problemText(failure), "bad");
    }
  };

  if (error !== null) return <ErrorState error={error} onRetry={load} />;
  if (stores === null) return <div class="ct-list">{[1, 2, 3].map((row) => <Skeleton key={row} height="120px" />)}</div>;
  const add = (
    <Button variant="primary" icon="plus" onClick={() => setEdited("new")} data-testid="store-new">
      {e("new_store")}
    </Button>
  );
  return (
    <>
      {stores.length === 0 ? <EmptyState icon="store" title={c("no_stores")} action={add} /> : <div class="ct-head">{add}</div>}
      <ul class="ct-list ct-list--stores">
        {stores.map((store) => (
          <li key={store.id} class="ct-card" data-testid={`store-${store.id}`}>
            <div class="ct-card__head">
              <div class="ct-card__name">
                <h2>{store.row.name}</h2>
                <p class="muted small">{store.row.address}</p>
              </div>
              <State store={store} />
            </div>
            <dl class="ct-facts">
              <div>
                <dt>{c("hours")}</dt>
                <dd>{week(store.row.hours).map((line) => <span key={line}>{line}</span>)}</dd>
              </div>
              {store.row.special_days.length > 0 && (
                <div>
                  <dt>{c("special_days")}</dt>
                  <dd>
                    {store.row.special_days.slice(0, 3).map((day) => (
                      <span key={day.date}>
                        <span class="num">{day.date}</span> {day.hours.join(" ") || c("day_closed")}
                        {day.note && <span class="muted"> {day.note}</span>}
                      </span>
                    ))}
                  </dd>
                </div>
              )}
              <div>
                <dt>{c("takes")}</dt>
                <dd>
                  {store.row.capacity === null
                    ? c("capacity_none")
                    : c("capacity_short", { taken: store.taken, n: store.row.capacity })}
                </dd>
              </div>
            </dl>
            <div class="ct-card__foot">
              <span class="muted small">
                {store.row.area
                  ? c("delivers_area")
                  : c("delivers_radius", { distance: distance(store.row.delivery_radius_m ?? 0) })}
              </span>
              <span class="ct-card__actions">
                {store.paused ? (
                  <Button size="s" variant="primary" icon="play" onClick={() => void resume(store)} data-testid="store-resume">
                    {c("resume")}
                  </Button>
                ) : (
                  <Button size="s" icon="pause" onClick={() => setPausing(store)} data-testid="store-pause">
                    {c("pause")}
                  </Button>
                )}
                <Button
                  size="s"
                  icon="edit"
                  aria-label={`${c("edit_store")}: ${store.row.name}`}
                  onClick={() => setEdited(store)}
                  data-testid="store-edit"
                >
                  {c("edit")}
                </Button>
              </span>
            </div>
          </li>
        ))}
      </ul>
      {edited && (
        <StoreSheet
          store={edited === "new" ? null : edited}
          all={stores}
          onSaved={(store) => {
            change(store);
            setEdited(null);
          }}
          onSeen={change}
          onClose={() => setEdited(null)}
        />
      )}
      <PauseSheet store={pausing} onClose={() => setPausing(null)} onPaused={load} />
    </>
  );
}

function State({ store }: { store: StoreEntry }) {
  if (store.paused) {
    const text = store.paused_until ? c("paused_until", { time: when(store.paused_until) }) : c("paused");
    return <StatusPill tone="warn" data-testid="store-state">{text}</StatusPill>;
  }
  if (store.open) return <StatusPill tone="good" data-testid="store-state">{c("open")}</StatusPill>;
  return (
    <StatusPill data-testid="store-state">
      {store.opens_at ? c("opens", { time: when(store.opens_at) }) : c("closed")}
    </StatusPill>
  );
}

/** The week in as few lines as it takes: days that follow one another with the same hours are one. */
export function week(hours: Record<Day, string[]>): string[] {
  const runs: { from: Day; to: Day; text: string }[] = [];
  for (const day of DAYS) {
    const spans = hours[day];
    const text = spans.length === 0 ? c("day_closed") : spans.map((one) => (one === "00:00-24:00" ? c("all_day") : one)).join(" ");
    const last = runs.at(-1);
    if (last?.text === text) last.to = day;
    else runs.push({ from: day, to: day, text });
  }
  return runs.map(({ from, to, text }) => {
    if (from === "monday" && to === "sunday") return `${c("every_day")} ${text}`;
    return `${from === to ? c(from) : `${c(from)}–${c(to)}`} ${text}`;
  });
}

function PauseSheet(props: { store: StoreEntry | null; onClose: () => void; onPaused: () => void }) {
  const { store, onClose, onPaused } = props;
  const [minutes, setMinutes] = useState<(typeof PAUSES)[number]>("30");
  const [busy, setBusy] = useState(false);
  const pause = async () => {
    if (!store) return;
    setBusy(true);
    try {
      await patch(`/api/stores/${store.id}`, minutes === "0" ? { paused: true } : { paused: true, minutes: Number(minutes) });
      toast(c("paused_ok"), "good");
      onClose();
      onPaused();
    } catch (failure) {
      toast(problemText(failure), "bad");
    } finally {
      setBusy(false);
    }
  };
  return (
    <Sheet
      open={store !== null}
      title={store?.row.name ?? ""}
      onClose={onClose}
      wide="middle"
      footer={
        <Button variant="primary" size="l" wide busy={busy} onClick={() => void pause()} data-testid="pause-confirm">
          {c("pause")}
        </Button>
      }
    >
      <p class="w-setting__label">{c("pause_for")}</p>
      <Choice
        label={c("pause_for")}
        look="rows"
        value={minutes}
        options={PAUSES.map((value) => ({
          value,
          label: value === "0" ? c("until_resumed") : c("minutes", { n: Number(value) }),
        }))}
        onChange={setMinutes}
      />
    </Sheet>
  );
}
