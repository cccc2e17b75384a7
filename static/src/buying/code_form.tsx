import { useState } from "preact/hooks";

import { isMissing, problemText } from "../core/problems";
import type { OwnCoupon } from "../core/types";
import { Button } from "../design/button";
import { TextInput } from "../design/fields";
import { claimCode } from "./coupons";
import { t } from "./offer_text";

/** A coupon by its code. */
export function CodeForm({ onCoupon }: { onCoupon?: (coupon: OwnCoupon) => void }) {
  const [code, setCode] = useState("");
  const [fault, setFault] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);

  async function submit(event: Event): Promise<void> {
    event.preventDefault();
    event.stopPropagation();
    const wanted = code.trim();
    if (wanted === "" || busy) return;
    setBusy(true);
    setFault(null);
    try {
      const coupon = await claimCode(wanted);
      setCode("");
      onCoupon?.(coupon);
    } catch (error) {
      setFault(isMissing(error) ? t("coupon_code_bad") : problemText(error));
    } finally {
      setBusy(false);
    }
  }

  return (
    <form class="coupon-code" onSubmit={(event) => void submit(event)} noValidate>
      <TextInput
        label={t("coupon_code")}
        value={code}
        error={fault}
        maxLength={64}
        autocapitalize="characters"
        autocomplete="off"
        spellcheck={false}
        enterkeyhint="done"
        onValue={(value) => {
          setCode(value);
          setFault(null);
        }}
        data-testid="coupon-code"
      />
      <Button type="submit" busy={busy} disabled={code.trim() === ""} data-testid="coupon-code-add">
        {t("coupon_code_add")}
      </Button>
    </form>
  );
}
