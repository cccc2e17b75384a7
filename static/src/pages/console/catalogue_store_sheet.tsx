/** Everything of a store: facts, hours, where it delivers. */

import { useState } from "preact/hooks";
import { ApiProblem, get, put } from "../../core/api";
import { problemText } from "../../core/problems";
import type { StoreEntry } from "../../core/types_catalogue";
import { Banner } from "../../design/notices";
import { toast } from "../../design/toast";
import { chanceKey, changed, rebased, same } from "./catalogue_draft";
import { e } from "./catalogue_edit_text";
import { EditorSheet } from "./catalogue_editor";
import { HoursPart } from "./catalogue_hours";
import { StoreDeliveryPart } from "./catalogue_store_delivery";
import { StoreFactsPart } from "./catalogue_store_facts";
import { faultsOf, fieldNames, formOf, freshForm, PART_OF, refusedAt, rowOf, type StoreFaults, type StoreForm, type StorePart } from "./catalogue_store_form";

interface StoreSheetProps {
  /** Null: a new one. */
  store: StoreEntry | null;
  all: readonly StoreEntry[];
  onSaved: (store: StoreEntry) => void;
  /** It has become this by somebody else's hand. */
  onSeen: (store: StoreEntry) => void;
  onClose: () => void;
}

const PARTS: readonly StorePart[] = ["facts", "hours", "delivery"];

export function StoreSheet({ store, all, onSaved, onSeen, onClose }: StoreSheetProps) {
  const fresh = store === null;
  const [base, setBase] = useState<StoreForm>(() => (store ? formOf(store.row) : { ...freshForm(all), key: chanceKey("store") }));
  const [revision, setRevision] = useState(store?.revision ?? 0);
  const [form, setForm] = useState(base);
  const [part, setPart] = useState<StorePart>("facts");
  const [tried, setTried] = useState(false);
  const [refused, setRefused] = useState<StoreFaults>({});
  const [overtaken, setOvertaken] = useState(false);
  const [clashes, setClashes] = useState<(keyof StoreForm)[]>([]);
  const [busy, setBusy] = useState(false);
  const faults: StoreFaults = { ...(tried ? faultsOf(form) : {}), ...refused };
  const unsaved = (Object.keys(faultsOf(form)).length === 0 && same(rowOf(form), rowOf(base)) ? [] : changed(base, form)).length;
  const change = (some: Partial<StoreForm>) => {
    setForm((old) => ({ ...old, ...some }));
    setRefused((old) => Object.fromEntries(Object.entries(old).filter(([field]) => !(field in some) && !("hours" in some))) as StoreFaults);
  };
  const wrongIn = (found: StoreFaults, one: StorePart) => Object.keys(found).some((field) => (PART_OF[field as keyof StoreForm] ?? "hours") === one);
  const show = (found: StoreFaults) => {
    const first = wrongIn(found, part) ? part : PARTS.find((one) => wrongIn(found, one));
    if (first) setPart(first);
    toast(e("check_fields"), "bad");
    requestAnimationFrame(() => document.querySelector<HTMLElement>(".ct-editor [aria-invalid=true], .ct-editor .ct-fault")?.scrollIntoView({ block: "center" }));
  };

  const save = async () => {
    setTried(true);
    const found = faultsOf(form);
    if (Object.keys(found).length > 0) return show(found);
    setBusy(true);
    try {
      const row = rowOf(form);
      const saved = await put<StoreEntry>(`/api/catalogue/stores/sto_${row.key}`, row, { match: fresh ? "new" : revision });
      toast(fresh ? e("created") : e("all_saved"), "good");
      onSaved(saved);
    } catch (failure) {
      const at = failure instanceof ApiProblem && failure.status === 422 ? refusedAt(failure) : null;
      if (failure instanceof ApiProblem && failure.code === "changed_since") setOvertaken(true);
      else if (failure instanceof ApiProblem && failure.code === "key_taken") {
        setRefused({ key: problemText(failure) });
        show({ key: "" });
      } else if (at) {
        setRefused(at);
        show(at);
      } else toast(problemText(failure), "bad");
    } finally {
      setBusy(false);
    }
  };

  const reload = async (keep: boolean) => {
    try {
      const { items } = await get<{ items: StoreEntry[] }>("/api/catalogue/stores");
      const latest = items.find((one) => one.id === store?.id);
      if (!latest) return;
      const theirs = formOf(latest.row);
      const merged = keep ? rebased(base, form, theirs) : { draft: theirs, clashes: [] };
      setBase(theirs);
      setForm(merged.draft);
      setClashes(merged.clashes);
      setRevision(latest.revision);
      setOvertaken(false);
      setRefused({});
      onSeen(latest);
      toast(keep ? e("merged") : e("reloaded"), "good");
    } catch (failure) {
      toast(problemText(failure), "bad");
    }
  };

  const shared = { form, faults, fresh, others: all.filter((one) => one.id !== store?.id), onForm: change };
  return (
    <EditorSheet
      title={fresh ? form.name || e("new_store") : form.name}
      parts={PARTS.map((value) => ({ value, label: e(value), wrong: wrongIn(faults, value) }))}
      part={part}
      onPart={setPart}
      unsaved={unsaved}
      fresh={fresh}
      busy={busy}
      onSave={() => void save()}
      onDiscard={() => {
        setForm(base);
        setRefused({});
        setClashes([]);
        setTried(false);
      }}
      onClose={onClose}
      overtaken={overtaken}
      onReload={(keep) => void reload(keep)}
      note={clashes.length > 0 && <Banner tone="warn">{e("both_changed", { fields: fieldNames(clashes) })}</Banner>}
      data-testid="store-sheet"
    >
      {part === "facts" && <StoreFactsPart {...shared} />}
      {part === "hours" && <HoursPart form={form} faults={faults} onForm={change} />}
      {part === "delivery" && <StoreDeliveryPart {...shared} />}
    </EditorSheet>
  );
}
