/** Saying what is not on the shelf, and what could be sent instead; the buyer is asked. */

import { useEffect, useState } from "preact/hooks";
import { money } from "../../core/i18n";
import type { CounterOrder, Product } from "../../core/types";
import { Button, IconButton } from "../../design/button";
import { TextInput } from "../../design/fields";
import { Icon } from "../../design/icons";
import { Sheet } from "../../design/sheet";
import { Stepper } from "../../design/toggles";
import type { CounterState, Missing } from "./counter_state";
import { pickedOf, toPick } from "./picked";
import { t } from "./text";

interface ShortSheetProps {
  order: CounterOrder;
  productId: string;
  state: CounterState;
  onReject: () => void;
  onClose: () => void;
}

interface Draft {
  missing: number;
  instead: Product | null;
  quantity: number;
}

const NONE: Draft = { missing: 0, instead: null, quantity: 1 };
const MOST_FOUND = 30;

export function ShortSheet({ order, productId, state, onReject, onClose }: ShortSheetProps) {
  const lines = toPick(order).filter((line) => line.instead_of === null);
  const first = lines.find((line) => line.product_id === productId);
  const left = first ? Math.max(1, first.quantity - pickedOf(order, productId)) : 0;
  const [drafts, setDrafts] = useState<Record<string, Draft>>({ [productId]: { ...NONE, missing: left, quantity: left } });
  const [choosing, setChoosing] = useState<string | null>(null);
  const set = (id: string, change: Partial<Draft>) =>
    setDrafts((old) => ({ ...old, [id]: { ...(old[id] ?? NONE), ...change } }));
  const short = lines.filter((line) => (drafts[line.product_id]?.missing ?? 0) > 0);
  const nothing = short.length === toPick(order).length &&
    short.every((line) => drafts[line.product_id]?.missing === line.quantity && !drafts[line.product_id]?.instead);
  const taken = new Set([...toPick(order).map((line) => line.product_id), ...order.lines.map((line) => line.product_id)]);
  for (const draft of Object.values(drafts)) if (draft.instead) taken.add(draft.instead.id);
  const submit = () => {
    const asked: Missing[] = short.map((line) => {
      const draft = drafts[line.product_id] ?? NONE;
      const missing = { product_id: line.product_id, missing: draft.missing };
      return draft.instead ? { ...missing, replacement: { product_id: draft.instead.id, quantity: draft.quantity } } : missing;
    });
    state.short(order, asked);
    onClose();
  };
  return (
    <Sheet
      open
      title={choosing === null ? t("short_title") : t("choose_instead")}
      closeLabel={t("close")}
      onClose={onClose}
      wide="middle"
      view={choosing ?? "lines"}
      lead={choosing !== null && <IconButton icon="back" label={t("back")} onClick={() => setChoosing(null)} />}
      data-testid="short-sheet"
      footer={
        choosing === null &&
        (nothing ? (
          <Button variant="danger" size="l" wide onClick={onReject} data-testid="short-reject">
            {t("reject")}
          </Button>
        ) : (
          <Button variant="primary" size="l" wide disabled={short.length === 0} onClick={submit} data-testid="short-submit">
            {t("ask_buyer")}
          </Button>
        ))
      }
    >
      {choosing !== null ? (
        <ChooseInstead
          state={state}
          taken={taken}
          onChoose={(product) => {
            set(choosing, { instead: product, quantity: drafts[choosing]?.missing ?? 1 });
            setChoosing(null);
          }}
        />
      ) : (
        <div class="stack">
          <p class="muted small">{nothing ? t("nothing_left") : t("short_text")}</p>
          {lines.map((line) => {
            const draft = drafts[line.product_id] ?? NONE;
            return (
              <section key={line.product_id} class="ct-short" data-testid={`short-${line.product_id}`}>
                <div class="row">
                  <b class="grow">{line.name}</b>
                  <span class="muted small num">{t("pieces", { n: line.quantity })}</span>
                </div>
                <div class="row">
                  <span class="grow small">{t("missing")}</span>
                  <Stepper
                    label={`${t("missing")} · ${line.name}`}
                    value={draft.missing}
                    min={0}
                    max={line.quantity}
                    onChange={(missing) => set(line.product_id, { missing, ...(missing === 0 ? { instead: null } : {}) })}
                    data-testid="short-missing"
                  />
                </div>
                {draft.missing > 0 && draft.instead === null && (
                  <Button icon="search" wide onClick={() => setChoosing(line.product_id)} data-testid="short-choose">
                    {t("offer_instead")}
                  </Button>
                )}
                {draft.instead !== null && (
                  <div class="ct-instead">
                    <img src={draft.instead.image_url ?? ""} alt="" />
                    <span class="grow">{draft.instead.name}</span>
                    <Stepper
                      label={`${t("quantity")} · ${draft.instead.name}`}
                      value={draft.quantity}
                      min={1}
                      max={Math.max(1, Math.min(20, state.shelf.row(draft.instead.id)?.available ?? 20))}
                      onChange={(quantity) => set(line.product_id, { quantity })}
                    />
                    <IconButton icon="trash" label={t("without")} onClick={() => set(line.product_id, { instead: null })} />
                  </div>
                )}
              </section>
            );
          })}
        </div>
      )}
    </Sheet>
  );
}

interface ChooseProps {
  state: CounterState;
  taken: ReadonlySet<string>;
  onChoose: (product: Product) => void;
}

function ChooseInstead({ state, taken, onChoose }: ChooseProps) {
  const [text, setText] = useState("");
  useEffect(() => void state.shelf.load().catch(() => undefined), [state]);
  const found = state.shelf.search(text).filter((row) => row.available > 0 && !taken.has(row.product.id));
  return (
    <div class="stack">
      <TextInput
        label={t("search")}
        labelHidden
        type="search"
        placeholder={t("search")}
        start={<Icon name="search" size={20} />}
        value={text}
        onValue={setText}
        data-testid="instead-search"
      />
      {found.length === 0 && <p class="muted">{t("nothing_found")}</p>}
      <ul class="ct-products">
        {found.slice(0, MOST_FOUND).map(({ product, available }) => (
          <li key={product.id}>
            <button type="button" class="ct-choice" onClick={() => onChoose(product)} data-testid={`instead-${product.id}`}>
              <img src={product.image_url ?? ""} alt="" loading="lazy" />
              <span class="grow">
                {product.name}
                <span class="muted small num"> {money(product.price, product.currency)}</span>
              </span>
              <span class="small num">{t("available", { n: available })}</span>
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}
