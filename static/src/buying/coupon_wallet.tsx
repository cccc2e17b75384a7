import { useEffect, useState } from "preact/hooks";

import { user } from "../core/session";
import type { OwnCoupon } from "../core/types";
import { Badge } from "../design/labels";
import { EmptyState, ErrorState } from "../design/notices";
import { Skeleton } from "../design/progress";
import { Sheet } from "../design/sheet";
import { CodeForm } from "./code_form";
import { CouponTicket } from "./coupon_ticket";
import { loadCoupons, wallet } from "./coupons";
import { t } from "./offer_text";
import "./coupons.css";

/** All coupons that this person has, and where a code goes. */
export function CouponsSheet({ open, onClose }: { open: boolean; onClose: () => void }) {
  return (
    <Sheet open={open} onClose={onClose} title={t("coupons_mine")} data-testid="coupons-sheet">
      <Wallet />
    </Sheet>
  );
}

function Wallet() {
  const [error, setError] = useState<unknown>(null);
  const load = (): void => {
    setError(null);
    void loadCoupons().catch(setError);
  };
  useEffect(() => {
    if (user.value !== null) load();
  }, []);
  const mine = wallet.value;
  if (error !== null && mine === null) return <ErrorState error={error} onRetry={load} />;
  if (mine === null && user.value !== null) {
    return (
      <div class="stack" aria-busy="true">
        <Skeleton height="88px" />
        <Skeleton height="88px" />
      </div>
    );
  }
  const ready = (mine ?? []).filter(({ refusal }) => refusal === null || refusal === "not_started");
  const past = (mine ?? []).filter((one) => !ready.includes(one));
  return (
    <div class="stack">
      <CodeForm />
      {ready.length + past.length === 0 && <EmptyState icon="tag" title={t("coupons_empty")} text={t("coupons_empty_text")} />}
      {ready.length > 0 && <Group title={t("coupons_ready")} coupons={ready} />}
      {past.length > 0 && <Group title={t("coupons_past")} coupons={past} faded />}
    </div>
  );
}

function Group({ title, coupons, faded }: { title: string; coupons: readonly OwnCoupon[]; faded?: boolean }) {
  return (
    <section class="stack coupon-group">
      <h3>{title}</h3>
      {coupons.map((coupon) => (
        <CouponTicket
          key={coupon.id}
          coupon={coupon}
          faded={faded ?? false}
          end={<Badge tone={coupon.refusal === null ? "good" : "neutral"}>{coupon.refusal === null ? t("state_ready") : t(`refused_${coupon.refusal}`)}</Badge>}
        />
      ))}
    </section>
  );
}
