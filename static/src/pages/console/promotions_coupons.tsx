/** All coupons, newest first: how they stand, what they cost so far, and one more. */

import { useState } from "preact/hooks";
import { worth } from "../../buying/coupon_text";
import { patch } from "../../core/api";
import { money, moment, number } from "../../core/i18n";
import { problemText } from "../../core/problems";
import type { CouponState, DeskCoupon } from "../../core/types_offers";
import { Button } from "../../design/button";
import { Confirm } from "../../design/dialog";
import { StatusPill, type Tone } from "../../design/labels";
import { EmptyState, ErrorState } from "../../design/notices";
import { Skeleton } from "../../design/progress";
import { toast } from "../../design/toast";
import { usePaged } from "./paged";
import { CouponForm } from "./promotions_coupon_form";
import { copyOf, fresh, type Draft } from "./promotions_draft";
import { Share } from "./promotions_share";
import { o } from "./promotions_text";
import { t } from "./text";

const TONES: Record<CouponState, Tone> = {
  running: "good",
  not_started: "info",
  given_out: "warn",
  used_up: "warn",
  stopped: "bad",
  over: "neutral",
};
/** Names of what a coupon is bound to that are written out. */
const NAMED = 2;

export function Coupons() {
  const list = usePaged<DeskCoupon>("/api/console/coupons");
  // Kept when the sheet is closed by mistake.
  const [draft, setDraft] = useState<Draft>(fresh);
  const [open, setOpen] = useState(false);
  const [stopping, setStopping] = useState<DeskCoupon | null>(null);
  const turn = async (coupon: DeskCoupon, stopped: boolean) => {
    setStopping(null);
    try {
      const next = await patch<DeskCoupon>(`/api/console/coupons/${coupon.id}`, { stopped });
      list.change((old) => old.map((one) => (one.id === next.id ? { ...next, created_at: one.created_at } : one)));
      toast(o(stopped ? "stopped" : "resumed"), "good");
    } catch (failure) {
      toast(problemText(failure), "bad");
    }
  };
  const begin = (from?: DeskCoupon) => {
    if (from) setDraft(copyOf(from));
    setOpen(true);
  };
  const add = (
    <Button variant="primary" icon="plus" onClick={() => begin()} data-testid="coupon-new">
      {o("new_coupon")}
    </Button>
  );
  return (
    <>
      {list.items !== null && list.items.length > 0 && <div class="pm-tools">{add}</div>}
      {list.error !== null && <ErrorState error={list.error} onRetry={list.reload} />}
      {list.items === null && list.error === null && [1, 2, 3].map((row) => <Skeleton key={row} height="168px" />)}
      {list.items?.length === 0 && <EmptyState icon="ticket" title={o("none_coupons")} text={o("none_coupons_text")} action={add} />}
      {list.items !== null && list.items.length > 0 && (
        <ul class="pm-coupons">
          {list.items.map((coupon) => (
            <Row
              key={coupon.id}
              coupon={coupon}
              onCopy={() => begin(coupon)}
              onTurn={() => (coupon.stopped ? void turn(coupon, false) : setStopping(coupon))}
            />
          ))}
        </ul>
      )}
      {list.more && (
        <Button onClick={list.more} data-testid="more">
          {t("more")}
        </Button>
      )}
      <CouponForm
        open={open}
        draft={draft}
        onDraft={setDraft}
        onClose={() => setOpen(false)}
        onMade={(made) => {
          list.change((old) => [made, ...old]);
          setDraft(fresh());
          setOpen(false);
          toast(o("created"), "good");
        }}
      />
      <Confirm
        open={stopping !== null}
        title={o("stop_q", { title: stopping?.title ?? "" })}
        text={o("stop_text")}
        confirmLabel={o("stop")}
        danger
        onConfirm={() => stopping && void turn(stopping, true)}
        onClose={() => setStopping(null)}
      />
    </>
  );
}

function Row({ coupon, onCopy, onTurn }: { coupon: DeskCoupon; onCopy: () => void; onTurn: () => void }) {
  const { state } = coupon;
  const quiet = state === "over" || state === "stopped" || state === "used_up";
  return (
    <li class={quiet ? "pm-coupon pm-coupon--quiet" : "pm-coupon"} data-testid="desk-coupon" data-coupon={coupon.id} data-state={state}>
      <div class="pm-coupon__head">
        <div class="pm-coupon__name">
          <h2>
            <span class="pm-coupon__worth num">{worth(coupon)}</span> {coupon.title}
          </h2>
          <p class="muted small num">{terms(coupon)}</p>
        </div>
        <StatusPill tone={TONES[state]}>{o(`s_${state}`)}</StatusPill>
      </div>
      <p class="pm-coupon__facts small">
        {coupon.code === null ? <span>{o("in_shows")}</span> : <code data-testid="coupon-code">{coupon.code}</code>}
        <span class="num">{o("since_until", { from: moment(coupon.starts_at), until: moment(coupon.ends_at) })}</span>
      </p>
      <div class="pm-coupon__foot">
        <div class="pm-shares">
          <Claimed coupon={coupon} />
          <Share label={o("used")} text={o("orders", { n: coupon.uses })} parts={null} />
          <Share
            label={o("money")}
            text={coupon.budget_amount === null ? money(coupon.spent) : o("of", { some: money(coupon.spent), all: money(coupon.budget_amount) })}
            parts={coupon.budget_amount === null ? null : [coupon.spent / coupon.budget_amount]}
          />
        </div>
        <div class="pm-coupon__actions">
          <Button size="s" icon="copy" onClick={onCopy} aria-label={`${o("again")}: ${coupon.title}`} data-testid="coupon-copy">
            {o("again")}
          </Button>
          {state !== "over" && (
            <Button
              size="s"
              onClick={onTurn}
              aria-label={`${o(coupon.stopped ? "resume" : "stop")}: ${coupon.title}`}
              data-testid={coupon.stopped ? "coupon-resume" : "coupon-stop"}
            >
              {o(coupon.stopped ? "resume" : "stop")}
            </Button>
          )}
        </div>
      </div>
    </li>
  );
}

function Claimed({ coupon }: { coupon: DeskCoupon }) {
  if (coupon.claims_left === null) return <Share label={o("claimed")} text={o("people", { n: coupon.claims })} parts={null} />;
  const all = coupon.claims + coupon.claims_left;
  const text = o("of", { some: number(coupon.claims), all: o("people", { n: all }) });
  return <Share label={o("claimed")} text={text} parts={[all === 0 ? 1 : coupon.claims / all]} />;
}

/** "from ¥50 · Yuli Living · at most ¥30 · 2 uses each" */
function terms(coupon: DeskCoupon): string {
  const names = coupon.bound.slice(0, NAMED).map((one) => one.name ?? o("gone"));
  const rest = coupon.bound.length - names.length;
  const bound = `${names.join(", ")}${rest > 0 ? ` ${o("and_more", { n: rest })}` : ""}`;
  return [
    coupon.minimum > 0 ? o("from", { amount: money(coupon.minimum) }) : o("any"),
    coupon.scope === "everything" ? o("everything") : o("bound_to", { scope: o(`scope_${coupon.scope}`), names: bound }),
    coupon.cap === null ? null : o("cap", { amount: money(coupon.cap) }),
    coupon.per_buyer > 1 ? o("each", { n: coupon.per_buyer }) : null,
    coupon.stacks ? o("stacks") : null,
  ]
    .filter(Boolean)
    .join(" · ");
}
