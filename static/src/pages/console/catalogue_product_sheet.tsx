/** Everything of a product: facts, prices, pictures, variants. */

import { useEffect, useRef, useState } from "preact/hooks";
import { ApiProblem, get, put } from "../../core/api";
import { problemText } from "../../core/problems";
import type { CatalogueTerms, ProductEntry, ProductFile, ProductRow, StoreEntry } from "../../core/types_catalogue";
import { Banner, ErrorState } from "../../design/notices";
import { Skeleton } from "../../design/progress";
import { Sheet } from "../../design/sheet";
import { toast } from "../../design/toast";
import { chanceKey, changed, rebased, same } from "./catalogue_draft";
import { e } from "./catalogue_edit_text";
import { EditorSheet } from "./catalogue_editor";
import { PictureList } from "./catalogue_pictures";
import { ProductFactsPart } from "./catalogue_product_facts";
import { faultsOf, fieldNames, fileForm, formOf, partOfField, pricesOf, refusedAt, rowOf, variantRow, type ProductFaults, type ProductForm, type ProductPart } from "./catalogue_product_form";
import { ProductPricesPart } from "./catalogue_product_prices";
import { ProductVariantsPart } from "./catalogue_product_variants";

/** A product that there is, or the beginnings of one, beside others. */
export type ProductTarget = { id: string } | { row: ProductRow; siblings: ProductEntry[] };

interface ProductSheetProps {
  target: ProductTarget;
  onOpen: (target: ProductTarget) => void;
  onChanged: (product: ProductEntry) => void;
  onClose: () => void;
}

interface Around {
  terms: CatalogueTerms;
  stores: StoreEntry[];
}

/** Reads what it needs; the editor begins when it is there. */
export function ProductSheet(props: ProductSheetProps) {
  const { target, onClose } = props;
  const id = "id" in target ? target.id : null;
  const [file, setFile] = useState<ProductFile | null>(null);
  const [around, setAround] = useState<Around | null>(null);
  const [error, setError] = useState<unknown>(null);
  const load = () => {
    setError(null);
    const beside = Promise.all([get<CatalogueTerms>("/api/catalogue/terms"), get<{ items: StoreEntry[] }>("/api/catalogue/stores")]);
    Promise.all([id === null ? null : get<ProductFile>(`/api/catalogue/products/${id}`), around ?? beside.then(([terms, { items }]) => ({ terms, stores: items }))]).then(
      ([found, near]) => {
        setFile(found);
        setAround(near);
      },
      setError,
    );
  };
  useEffect(load, [target]);
  const ready = around !== null && (id === null || file?.id === id);
  if (!ready) {
    return (
      <Sheet open title="" onClose={onClose} class="ct-editor" data-testid="product-sheet">
        {error === null ? <Skeleton height="240px" /> : <ErrorState error={error} onRetry={load} />}
      </Sheet>
    );
  }
  return <ProductEditor key={id ?? ("row" in target ? target.row.key : "")} {...props} {...around} file={id === null ? null : file} />;
}

function ProductEditor(props: ProductSheetProps & Around & { file: ProductFile | null }) {
  const { target, onOpen, onChanged, onClose, terms, stores } = props;
  const fresh = "row" in target;
  const [file, setFile] = useState(props.file);
  const [base, setBase] = useState<ProductForm>(() => (fresh ? { ...formOf(target.row, []), price: target.row.price === 0 ? "" : formOf(target.row, []).price } : fileForm(props.file as ProductFile)));
  const [form, setForm] = useState(base);
  const [part, setPart] = useState<ProductPart>(fresh && target.siblings.length > 0 ? "variants" : "facts");
  const [tried, setTried] = useState(false);
  const [refused, setRefused] = useState<ProductFaults>({});
  const [overtaken, setOvertaken] = useState(false);
  const [clashes, setClashes] = useState<(keyof ProductForm)[]>([]);
  const [busy, setBusy] = useState(false);
  const guard = useRef<(go: () => void) => void>((go) => go());
  const currency = file?.row.currency ?? terms.currency;
  const siblings = fresh ? target.siblings : (file?.variants ?? []);
  const faults: ProductFaults = { ...(tried ? faultsOf(form, siblings) : {}), ...refused };
  const parts: ProductPart[] = fresh ? ["facts", "prices", "variants"] : ["facts", "prices", "pictures", "variants"];
  const wrongIn = (found: ProductFaults, one: ProductPart) => Object.keys(found).some((field) => partOfField(field) === one);
  const change = (some: Partial<ProductForm>) => {
    setForm((old) => ({ ...old, ...some }));
    setRefused((old) => Object.fromEntries(Object.entries(old).filter(([field]) => !(field in some))));
  };
  const show = (found: ProductFaults) => {
    const first = wrongIn(found, part) ? part : parts.find((one) => wrongIn(found, one));
    if (first) setPart(first);
    toast(e("check_fields"), "bad");
    requestAnimationFrame(() => document.querySelector<HTMLElement>(".ct-editor [aria-invalid=true], .ct-editor .ct-fault")?.scrollIntoView({ block: "center" }));
  };
  /** It is this now; what was changed here and is not saved stays on top. */
  const take = (latest: ProductFile, keep = true) => {
    const theirs = fileForm(latest);
    const merged = keep ? rebased(base, form, theirs) : { draft: theirs, clashes: [] };
    setBase(theirs);
    setForm(merged.draft);
    setClashes(merged.clashes);
    setFile(latest);
    onChanged(latest);
  };
  const failed = (failure: unknown) => {
    const problem = failure instanceof ApiProblem ? failure : null;
    const at = problem?.status === 422 ? refusedAt(problem) : problem?.code === "key_taken" ? { key: problemText(problem) } : null;
    if (problem?.code === "changed_since") setOvertaken(true);
    else if (at) {
      setRefused(at);
      show(at);
    } else toast(problemText(failure), "bad");
  };

  const save = async () => {
    setTried(true);
    const found = faultsOf(form, siblings);
    if (Object.keys(found).length > 0) return show(found);
    setBusy(true);
    try {
      const path = `/api/catalogue/products/prd_${form.key}`;
      const row = rowOf(form, currency);
      const prices = pricesOf(form);
      let saved = file;
      if (saved === null || !same(row, rowOf(base, currency))) {
        saved = await put<ProductFile>(path, row, { match: saved === null ? "new" : saved.revision });
        if (file !== null) take(saved);
      }
      if (!same(prices, pricesOf(base))) saved = await put<ProductFile>(`${path}/prices`, { items: prices }, { match: saved.revision });
      onChanged(saved);
      toast(fresh ? e("created") : e("all_saved"), "good");
      if (fresh) return onOpen({ id: saved.id });
      const now = fileForm(saved);
      setFile(saved);
      setBase(now);
      setForm(now);
      setClashes([]);
      setTried(false);
    } catch (failure) {
      failed(failure);
    } finally {
      setBusy(false);
    }
  };

  const reload = async (keep: boolean) => {
    if (file === null) return;
    try {
      take(await get<ProductFile>(`/api/catalogue/products/${file.id}`), keep);
      setOvertaken(false);
      setRefused({});
      toast(keep ? e("merged") : e("reloaded"), "good");
    } catch (failure) {
      toast(problemText(failure), "bad");
    }
  };

  const addVariant = async () => {
    if (file === null) return;
    setBusy(true);
    try {
      const group = file.row.group ?? file.row.key;
      // The first of a group becomes one of it when there is to be a second.
      const of = file.row.group === null ? await put<ProductFile>(`/api/catalogue/products/${file.id}`, { ...rowOf(base, currency), group }, { match: file.revision }) : file;
      onOpen({ row: variantRow(of.row, group, chanceKey(group.slice(0, 50))), siblings: [of, ...of.variants] });
    } catch (failure) {
      failed(failure);
    } finally {
      setBusy(false);
    }
  };

  const shared = { form, faults, fresh, onForm: change };
  const values = form.options.map(({ value }) => value).filter(Boolean).join(" · ");
  return (
    <EditorSheet
      title={form.name ? [form.name, values].filter(Boolean).join(" · ") : e("new_product")}
      parts={parts.map((value) => ({ value, label: e(value), wrong: wrongIn(faults, value) }))}
      part={part}
      onPart={setPart}
      unsaved={same(rowOf(form, currency), rowOf(base, currency)) && same(pricesOf(form), pricesOf(base)) && Object.keys(faultsOf(form, siblings)).length === 0 ? 0 : changed(base, form).length}
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
      guard={guard}
      data-testid="product-sheet"
    >
      {part === "facts" && <ProductFactsPart {...shared} terms={terms} />}
      {part === "prices" && <ProductPricesPart {...shared} base={base} currency={currency} stores={stores} />}
      {part === "pictures" && file && <PictureList product={file} onChanged={take} onOvertaken={() => setOvertaken(true)} onBusy={setBusy} />}
      {part === "variants" && (
        <ProductVariantsPart
          {...shared}
          siblings={siblings}
          ready={base.options.length > 0}
          busy={busy}
          onOpen={(id) => guard.current(() => onOpen({ id }))}
          onAdd={() => guard.current(() => void addVariant())}
        />
      )}
    </EditorSheet>
  );
}
