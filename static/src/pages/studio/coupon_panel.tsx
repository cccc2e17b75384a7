/** The coupons that may be shown in this show, and the one that is. */

import { useEffect, useState } from "preact/hooks";
import { terms, worth } from "../../buying/coupon_text";
import { del, get, put } from "../../core/api";
import { problemText } from "../../core/problems";
import type { Coupon, PinnedCoupon } from "../../core/types";
import { Button } from "../../design/button";
import { Badge } from "../../design/labels";
import { EmptyState, ErrorState } from "../../design/notices";
import { Skeleton } from "../../design/progress";
import { toast } from "../../design/toast";
import { t } from "./flash_text";
import type { RoomState } from "./room_state";

export function CouponPanel({ room }: { room: RoomState }) {
  const show = room.show.value;
  const [coupons, setCoupons] = useState<readonly Coupon[] | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState<string | null>(null);
  const path = `/api/shows/${show.id}`;

  function load(): void {
    setError(null);
    get<{ items: Coupon[] }>(`${path}/coupons`).then(({ items }) => setCoupons(items), setError);
  }
  useEffect(load, []);

  async function turn(coupon: Coupon, on: boolean): Promise<void> {
    setBusy(coupon.id);
    try {
      if (on) room.pinCoupon(await put<PinnedCoupon>(`${path}/coupon`, { coupon_id: coupon.id }));
      else {
        await del(`${path}/coupon/${coupon.id}`);
        room.pinCoupon(null);
      }
    } catch (problem) {
      toast(problemText(problem), "bad");
    } finally {
      setBusy(null);
    }
  }

  if (error !== null) return <ErrorState error={error} onRetry={load} />;
  if (coupons === null) {
    return (
      <div class="stack" aria-busy="true">
        <Skeleton height="80px" />
        <Skeleton height="80px" />
      </div>
    );
  }
  const pinned = show.coupon ?? null;
  // One that is shown may no longer be given out, and can still be taken off.
  const all = pinned && !coupons.some(({ id }) => id === pinned.id) ? [pinned, ...coupons] : coupons;
  if (all.length === 0) return <EmptyState icon="tag" title={t("coupons_empty")} text={t("coupons_empty_text")} />;
  return (
    <ul class="stack st-coupons">
      {all.map((coupon) => {
        const on = coupon.id === pinned?.id;
        return (
          <li key={coupon.id} class="st-coupon" data-testid="coupon-row" data-coupon={coupon.id}>
            <span class="grow">
              <strong>{worth(coupon)}</strong> {coupon.title}
              <span class="muted small st-coupon__terms">{terms(coupon)}</span>
              {on && (
                <span class="st-coupon__on">
                  <Badge tone="good">{t("coupon_pinned")}</Badge>
                  {pinned?.claims_left != null && <span class="small num">{t("coupon_left", { n: pinned.claims_left })}</span>}
                </span>
              )}
            </span>
            <Button
              size="s"
              variant={on ? "secondary" : "primary"}
              busy={busy === coupon.id}
              aria-pressed={on ? "true" : "false"}
              onClick={() => void turn(coupon, !on)}
              data-testid={on ? "coupon-unpin" : "coupon-pin-it"}
            >
              {t(on ? "coupon_unpin" : "coupon_pin")}
            </Button>
          </li>
        );
      })}
    </ul>
  );
}
