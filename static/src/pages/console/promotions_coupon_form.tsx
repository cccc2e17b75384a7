/** A new coupon. Nothing of it changes afterwards, as its holders were promised it: so what buyers will see is shown first. */

import { useEffect, useRef, useState } from "preact/hooks";
import { CouponTicket } from "../../buying/coupon_ticket";
import "../../buying/coupons.css";
import { post } from "../../core/api";
import type { DeskCoupon } from "../../core/types_offers";
import { Button } from "../../design/button";
import { ProblemNote } from "../../design/notices";
import { Sheet } from "../../design/sheet";
import { Gift, Limits, Way, When, Where } from "./promotions_coupon_parts";
import { bodyOf, faultsOf, previewOf, refusalOf, type Draft, type Faults, type FieldName } from "./promotions_draft";
import { o } from "./promotions_text";

interface CouponFormProps {
  open: boolean;
  draft: Draft;
  onDraft: (draft: Draft) => void;
  onClose: () => void;
  onMade: (made: DeskCoupon) => void;
}

export function CouponForm({ open, draft, onDraft, onClose, onMade }: CouponFormProps) {
  const [faults, setFaults] = useState<Faults>({});
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => {
    if (!open) return;
    setFaults({});
    setError(null);
  }, [open]);
  const set = (change: Partial<Draft>, ...fields: FieldName[]) => {
    onDraft({ ...draft, ...change });
    if (fields.some((name) => faults[name])) setFaults(Object.fromEntries(Object.entries(faults).filter(([name]) => !fields.some((one) => one === name))));
  };
  const show = (found: Faults) => {
    setFaults(found);
    requestAnimationFrame(() => form.current?.querySelector<HTMLElement>("[aria-invalid=true]")?.focus());
  };
  const create = async () => {
    if (busy) return;
    setError(null);
    const found = faultsOf(draft);
    if (Object.keys(found).length > 0) return show(found);
    setFaults({});
    setBusy(true);
    try {
      onMade(await post<DeskCoupon>("/api/console/coupons", bodyOf(draft)));
    } catch (failure) {
      const refusal = refusalOf(failure, draft);
      if (refusal) show(refusal);
      else setError(failure);
    } finally {
      setBusy(false);
    }
  };
  const control = { draft, faults, set };
  return (
    <Sheet
      open={open}
      title={o("new_coupon")}
      onClose={onClose}
      data-testid="coupon-sheet"
      footer={
        <div class="stack pm-form__foot">
          <ProblemNote error={error} data-testid="coupon-problem" />
          <Button variant="primary" size="l" wide busy={busy} onClick={() => void create()} data-testid="coupon-create">
            {o("create")}
          </Button>
        </div>
      }
    >
      <form
        ref={form}
        class="stack pm-form"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void create();
        }}
      >
        <div>
          <p class="muted small pm-form__label">{o("preview")}</p>
          <CouponTicket coupon={previewOf(draft)} faded={"value" in faultsOf(draft)} />
          <p class="muted small pm-form__note">{o("fixed")}</p>
        </div>
        <Gift {...control} />
        <Where {...control} />
        <When {...control} />
        <Way {...control} />
        <Limits {...control} />
        <button type="submit" hidden />
      </form>
    </Sheet>
  );
}
