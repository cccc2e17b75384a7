/** The parts of the form of a new coupon. */

import type { CouponKind, CouponScope } from "../../core/types_offers";
import { TextInput } from "../../design/fields";
import { Choice, Switch } from "../../design/toggles";
import { BoundPicker } from "./promotions_bound";
import type { Draft, Faults, FieldName } from "./promotions_draft";
import { o } from "./promotions_text";

const KINDS: readonly CouponKind[] = ["amount", "percent", "delivery"];
const SCOPES: readonly CouponScope[] = ["everything", "store", "show", "product"];

interface PartProps {
  draft: Draft;
  faults: Faults;
  /** `fields`: whose faults are answered by the change. */
  set: (change: Partial<Draft>, ...fields: FieldName[]) => void;
}

export function Gift({ draft, faults, set }: PartProps) {
  return (
    <>
      <TextInput
        label={o("title")}
        hint={o("title_hint")}
        error={faults.title ?? null}
        value={draft.title}
        maxLength={60}
        onValue={(title) => set({ title }, "title")}
        data-testid="coupon-title"
      />
      <div>
        <p class="n-field__label">{o("kind")}</p>
        <Choice
          label={o("kind")}
          value={draft.kind}
          options={KINDS.map((value) => ({ value, label: o(`kind_${value}`) }))}
          onChange={(kind) => set({ kind, value: "", cap: "" }, "value", "cap")}
        />
      </div>
      <div class="pm-form__pair">
        {draft.kind !== "delivery" && (
          <TextInput
            label={o(draft.kind)}
            {...(draft.kind === "percent" && { hint: o("percent_hint"), end: "%" })}
            {...(draft.kind === "amount" && { start: "¥" })}
            error={faults.value ?? null}
            inputMode="decimal"
            value={draft.value}
            maxLength={10}
            onValue={(value) => set({ value }, "value")}
            data-testid="coupon-value"
          />
        )}
        {draft.kind !== "amount" && (
          <TextInput
            label={o("most")}
            optional={o("optional")}
            error={faults.cap ?? null}
            inputMode="decimal"
            start="¥"
            value={draft.cap}
            maxLength={10}
            onValue={(cap) => set({ cap }, "cap")}
            data-testid="coupon-cap"
          />
        )}
      </div>
      <TextInput
        label={o("minimum")}
        optional={o("optional")}
        hint={o("minimum_hint")}
        error={faults.minimum ?? null}
        inputMode="decimal"
        start="¥"
        value={draft.minimum}
        maxLength={10}
        onValue={(minimum) => set({ minimum }, "minimum")}
        data-testid="coupon-minimum"
      />
    </>
  );
}

export function Where({ draft, faults, set }: PartProps) {
  return (
    <div class="stack pm-form__group">
      <p class="n-field__label">{o("scope")}</p>
      <Choice
        label={o("scope")}
        look="chips"
        value={draft.scope}
        options={SCOPES.map((value) => ({ value, label: o(`scope_${value}`) }))}
        onChange={(scope) => set({ scope, bound: [] }, "bound_to")}
      />
      {draft.scope !== "everything" && (
        <BoundPicker
          key={draft.scope}
          scope={draft.scope}
          chosen={draft.bound}
          error={faults.bound_to ?? null}
          onChange={(bound) => set({ bound }, "bound_to")}
        />
      )}
    </div>
  );
}

export function When({ draft, faults, set }: PartProps) {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  return (
    <div class="stack pm-form__group">
      <p class="n-field__label">{o("starts")}</p>
      <Choice
        label={o("starts")}
        value={draft.later ? "later" : "now"}
        options={[
          { value: "now", label: o("starts_now") },
          { value: "later", label: o("starts_later") },
        ]}
        onChange={(when) => set({ later: when === "later" }, "starts_at", "ends_at")}
      />
      {draft.later && (
        <TextInput
          type="datetime-local"
          label={o("starts_at")}
          error={faults.starts_at ?? null}
          value={draft.starts}
          onValue={(starts) => set({ starts }, "starts_at", "ends_at")}
          data-testid="coupon-starts"
        />
      )}
      <TextInput
        type="datetime-local"
        label={o("ends_at")}
        hint={o("zone", { zone })}
        error={faults.ends_at ?? null}
        value={draft.ends}
        onValue={(ends) => set({ ends }, "ends_at")}
        data-testid="coupon-ends"
      />
    </div>
  );
}

export function Way({ draft, faults, set }: PartProps) {
  return (
    <div class="stack pm-form__group">
      <p class="n-field__label">{o("way")}</p>
      <Choice
        label={o("way")}
        look="rows"
        value={draft.coded ? "code" : "show"}
        options={[
          { value: "show", label: o("way_show"), hint: o("way_show_hint") },
          { value: "code", label: o("way_code"), hint: o("way_code_hint") },
        ]}
        onChange={(way) => set({ coded: way === "code" }, "code")}
      />
      {draft.coded && (
        <TextInput
          label={o("code")}
          hint={o("code_hint")}
          error={faults.code ?? null}
          autocomplete="off"
          autocapitalize="characters"
          spellcheck={false}
          value={draft.code}
          maxLength={32}
          onValue={(code) => set({ code: code.toUpperCase() }, "code")}
          data-testid="coupon-code-input"
        />
      )}
    </div>
  );
}

export function Limits({ draft, faults, set }: PartProps) {
  return (
    <div class="stack pm-form__group">
      <TextInput
        label={o("per_buyer")}
        error={faults.per_buyer ?? null}
        inputMode="numeric"
        value={draft.perBuyer}
        maxLength={3}
        onValue={(perBuyer) => set({ perBuyer }, "per_buyer", "budget_uses")}
        data-testid="coupon-per-buyer"
      />
      <div class="pm-form__pair">
        <TextInput
          label={o("budget_uses")}
          optional={o("optional")}
          hint={o("budget_uses_hint")}
          error={faults.budget_uses ?? null}
          inputMode="numeric"
          value={draft.uses}
          maxLength={7}
          onValue={(uses) => set({ uses }, "budget_uses")}
          data-testid="coupon-uses"
        />
        <TextInput
          label={o("budget_amount")}
          optional={o("optional")}
          hint={o("budget_amount_hint")}
          error={faults.budget_amount ?? null}
          inputMode="decimal"
          start="¥"
          value={draft.amount}
          maxLength={9}
          onValue={(amount) => set({ amount }, "budget_amount")}
          data-testid="coupon-amount"
        />
      </div>
      {draft.kind !== "delivery" && (
        <Switch
          label={o("stack")}
          hint={o("stack_hint")}
          checked={draft.stacks}
          onChange={(stacks) => set({ stacks })}
          data-testid="coupon-stacks"
        />
      )}
    </div>
  );
}
