/** The flash sales of all shows: what runs, comes and is over; one that is wrong is stopped. */

import { useEffect, useState } from "preact/hooks";
import { post } from "../../core/api";
import { duration, money, moment } from "../../core/i18n";
import { noteServerTime, useTimeLeft } from "../../core/server_clock";
import type { DeskFlash, FlashStatus } from "../../core/types_offers";
import { Button, ButtonLink } from "../../design/button";
import { StatusPill, type Tone } from "../../design/labels";
import { EmptyState, ErrorState } from "../../design/notices";
import { Skeleton } from "../../design/progress";
import { toast } from "../../design/toast";
import { Choice, Switch } from "../../design/toggles";
import { usePaged } from "./paged";
import { Share } from "./promotions_share";
import { o } from "./promotions_text";
import { ReasonDialog } from "./reason_dialog";
import { t } from "./text";

const TONES: Record<FlashStatus, Tone> = { scheduled: "info", running: "good", sold_out: "warn", ended: "neutral", cancelled: "bad" };
/** Milliseconds between two looks at what runs. */
const AGAIN = 4000;

type Which = "open" | "over";

export function FlashSales() {
  const [which, setWhich] = useState<Which>("open");
  const list = usePaged<DeskFlash>("/api/console/flash", { state: which });
  const [stopping, setStopping] = useState<DeskFlash | null>(null);
  useEffect(() => {
    if (which === "over") return undefined;
    const timer = setInterval(() => document.visibilityState === "visible" && list.reload(), AGAIN);
    return () => clearInterval(timer);
  }, [which]);
  const told = list.items?.[0]?.server_now;
  useEffect(() => {
    if (told) noteServerTime(told);
  }, [told]);
  const items = list.items;
  return (
    <>
      <div class="pm-tools">
        <Choice
          label={o("flash")}
          value={which}
          options={[
            { value: "open", label: o("flash_open") },
            { value: "over", label: o("flash_past") },
          ]}
          onChange={setWhich}
        />
      </div>
      {list.error !== null && <ErrorState error={list.error} onRetry={list.reload} />}
      {items === null && list.error === null && [1, 2].map((row) => <Skeleton key={row} height="140px" />)}
      {items?.length === 0 &&
        (which === "open" ? (
          <EmptyState icon="bolt" title={o("none_flash")} text={o("none_flash_text")} />
        ) : (
          <EmptyState icon="bolt" title={o("none_flash_past")} />
        ))}
      {items !== null && items.length > 0 && (
        <ul class="pm-coupons">
          {items.map((sale) => (
            <Row key={sale.id} sale={sale} over={which === "over"} onStop={() => setStopping(sale)} />
          ))}
        </ul>
      )}
      {list.more && (
        <Button onClick={list.more} data-testid="more">
          {t("more")}
        </Button>
      )}
      <StopDialog
        sale={stopping}
        onClose={() => setStopping(null)}
        onStopped={(sale) => {
          list.change((old) => old.filter((one) => one.id !== sale.id));
          list.reload();
          setStopping(null);
        }}
      />
    </>
  );
}

function Row({ sale, over, onStop }: { sale: DeskFlash; over: boolean; onStop: () => void }) {
  const { show } = sale;
  const onAir = show !== null && (show.status === "live" || show.status === "paused");
  const paid = Math.max(0, sale.sold - sale.unpaid);
  return (
    <li class={over ? "pm-coupon pm-coupon--quiet" : "pm-coupon"} data-testid="desk-flash" data-flash={sale.id} data-state={sale.status}>
      <div class="pm-coupon__head">
        <div class="pm-coupon__name">
          <h2>
            <span class="pm-coupon__worth num">{money(sale.price)}</span> {sale.product_name ?? o("no_product")}
          </h2>
          <p class="muted small num">
            {o("listed", { price: money(sale.listed) })} · {o("pieces", { n: sale.total })} · {o("buyer_limit", { n: sale.per_buyer })}
          </p>
        </div>
        <StatusPill tone={TONES[sale.status]}>{o(`f_${sale.status}`)}</StatusPill>
      </div>
      <p class="pm-coupon__facts small">
        <span>{show === null ? o("no_show") : `${show.title} · ${show.associate_name} · ${show.store_name}`}</span>
        {over ? <Ended sale={sale} /> : <Clock sale={sale} />}
      </p>
      <div class="pm-coupon__foot">
        <div class="pm-shares pm-shares--one">
          <Share
            label={o("sold", { n: paid })}
            text={[sale.unpaid > 0 ? o("held", { n: sale.unpaid }) : null, o("left", { n: sale.left })].filter(Boolean).join(" · ")}
            parts={[paid / sale.total, sale.unpaid / sale.total]}
          />
        </div>
        {!over && (
          <div class="pm-coupon__actions">
            {onAir && (
              <ButtonLink size="s" href={`#shows/${show.id}`}>
                {o("open_show")}
              </ButtonLink>
            )}
            <Button size="s" variant="danger" onClick={onStop} data-testid="flash-stop">
              {o("stop_flash")}
            </Button>
          </div>
        )}
      </div>
    </li>
  );
}

function Clock({ sale }: { sale: DeskFlash }) {
  const coming = sale.status === "scheduled";
  const left = useTimeLeft(Date.parse(coming ? sale.starts_at : sale.ends_at));
  return (
    <span>
      {o(coming ? "starts_in" : "ends_in")} <b class="num">{duration(Math.ceil(left / 1000))}</b>
    </span>
  );
}

function Ended({ sale }: { sale: DeskFlash }) {
  if (sale.status !== "cancelled" || sale.over_at === null) {
    return <span class="num">{o("ran", { from: moment(sale.starts_at), until: moment(sale.ends_at) })}</span>;
  }
  const time = moment(sale.over_at);
  return <span class="num">{sale.over_by === null ? o("was_ended", { time }) : o("was_stopped", { name: sale.over_by, time })}</span>;
}

interface StopDialogProps {
  sale: DeskFlash | null;
  onClose: () => void;
  onStopped: (sale: DeskFlash) => void;
}

function StopDialog({ sale, onClose, onStopped }: StopDialogProps) {
  const [tell, setTell] = useState(true);
  const product = sale?.product_name ?? o("no_product");
  const onAir = sale?.show?.status === "live" || sale?.show?.status === "paused";
  const stop = async (reason: string) => {
    if (sale === null) return;
    onStopped(await post<DeskFlash>(`/api/console/flash/${sale.id}/stop`, { reason }));
    if (!tell || !onAir || sale.show === null) return toast(o("flash_stopped"), "good");
    try {
      const text = o("host_told", { product, reason });
      await post(`/api/shows/${sale.show.id}/warn`, { text: text.slice(0, 300) });
      toast(o("flash_stopped"), "good");
    } catch {
      toast(o("not_told"), "bad");
    }
  };
  return (
    <ReasonDialog
      open={sale !== null}
      title={o("stop_flash_q", { product })}
      text={o("stop_flash_text")}
      label={o("reason")}
      hint={o("reason_hint")}
      confirmLabel={o("stop_flash")}
      danger
      testid="flash-reason"
      onConfirm={stop}
      onClose={onClose}
    >
      {onAir && <Switch label={o("tell_host")} hint={o("tell_host_hint")} checked={tell} onChange={setTell} data-testid="flash-tell" />}
    </ReasonDialog>
  );
}
