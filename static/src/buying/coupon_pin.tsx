import { useEffect, useState } from "preact/hooks";

import { problemText } from "../core/problems";
import type { PinnedCoupon } from "../core/types";
import { toast } from "../design/toast";
import { Button } from "../design/button";
import { claim, loadCoupons, owned, wallet } from "./coupons";
import { terms, worth } from "./coupon_text";
import { t } from "./offer_text";

/** A coupon in the stream: one tap and it is one's own. */
export function CouponPin({ coupon }: { coupon: PinnedCoupon }) {
  const [busy, setBusy] = useState(false);
  const mine = owned(coupon.id) !== undefined;
  const gone = coupon.claims_left === 0 && !mine;
  useEffect(() => {
    if (wallet.value === null) void loadCoupons().catch(() => undefined);
  }, []);

  async function take(): Promise<void> {
    setBusy(true);
    try {
      await claim(coupon.id);
      toast(t("coupon_got"), "good");
    } catch (error) {
      toast(problemText(error), "bad");
    } finally {
      setBusy(false);
    }
  }

  return (
    <aside class="coupon-pin" aria-label={t("coupon")} data-testid="coupon-pin" data-coupon={coupon.id}>
      <div class="coupon-pin__text">
        <strong>{worth(coupon)}</strong>
        <span class="truncate">{terms(coupon)}</span>
      </div>
      <Button
        class="coupon-pin__claim"
        disabled={mine || gone}
        busy={busy}
        onClick={() => void take()}
        data-testid="coupon-claim"
        {...(mine ? { icon: "check" as const } : {})}
      >
        {t(mine ? "coupon_claimed" : gone ? "coupon_gone" : "coupon_claim")}
      </Button>
    </aside>
  );
}
