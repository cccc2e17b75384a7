import { clock, duration, money } from "../core/i18n";
import { useTimeLeft } from "../core/server_clock";
import type { Order, Quote, SignedQuote } from "../core/types";
import { TextInput } from "../design/fields";
import { Icon } from "../design/icons";
import { Banner } from "../design/notices";
import { Skeleton } from "../design/progress";
import { Row } from "../design/rows";
import { address } from "./address";
import { Arrival, Bill } from "./bill";
import { type CouponChoice, CouponRow } from "./coupon_step";
import { DoorChoice } from "./door_choice";
import { MethodChoice } from "./method_choice";
import type { Paying } from "./paying";
import { t as pay } from "./pay_text";
import type { Quoting } from "./quoting";
import { Setback, type WaysOut } from "./setback";
import { t } from "./text";
import { WaitingStep } from "./waiting_step";
import { WhyLine } from "./why_line";

export interface PayStepProps extends WaysOut {
  quoting: Quoting;
  paying: Paying;
  /** Set once placed: from then on only the way to pay can change. */
  placed: readonly Order[] | null;
  /** Why it could not be placed, where the quote itself is well. */
  problem: unknown;
  coupons: CouponChoice;
  note: string;
  onNote: (note: string) => void;
  onCoupons: () => void;
  onAddress: () => void;
}

export const totalOf = (orders: readonly Order[]): number => orders.reduce((sum, { total }) => sum + total, 0);

export function PayStep(props: PayStepProps) {
  const { quoting, paying, placed, problem, note } = props;
  const { quote } = quoting;
  if (paying.waiting) return <WaitingStep waiting={paying.waiting} paying={paying} />;
  if (!placed && (quoting.error !== null || problem !== null)) {
    return <Setback {...props} error={quoting.error ?? problem} />;
  }
  const parts: readonly Quote[] | null = placed ?? quote?.parts ?? null;
  if (!parts || parts.length === 0) return <Waits />;
  const to = placed?.[0]?.address ?? address.value;
  const total = placed ? totalOf(placed) : (quote?.total ?? 0);
  return (
    <div class="stack buy-pay" aria-busy={quoting.busy ? "true" : undefined}>
      {parts.length === 1 && parts[0] && <Arrival quote={parts[0]} />}
      {to && (
        <Row
          class="buy-to"
          title={`${t("deliver_to")} ${to.name}`}
          note={to.text}
          start={<Icon name="pin" />}
          end={placed ? undefined : <span class="buy-change">{t("change")}</span>}
          onClick={placed ? undefined : props.onAddress}
        />
      )}
      {parts.length > 1 ? <Parts parts={parts} total={total} /> : parts[0] && <Bill quote={parts[0]} />}
      {parts.length === 1 && parts[0]?.why && <WhyLine why={parts[0].why} />}
      {!placed && quote && <CouponRow quote={quote} choice={props.coupons} onOpen={props.onCoupons} />}
      {!placed && <DoorChoice cash={paying.method?.kind === "cash"} />}
      {!placed && (
        <TextInput label={t("note")} optional={t("optional")} maxLength={200} value={note} onValue={props.onNote} data-testid="order-note" />
      )}
      <MethodChoice paying={paying} total={total} />
      {placed?.[0]?.expires_at ? <PayUntil at={placed[0].expires_at} /> : quote && !placed && <HeldUntil quote={quote} />}
    </div>
  );
}

function Waits() {
  return (
    <div class="stack" aria-busy="true">
      <Skeleton height="56px" />
      <Skeleton height="140px" />
      <Skeleton height="220px" />
    </div>
  );
}

/** Several stores make it up: what each brings, when, and what that costs. */
function Parts({ parts, total }: { parts: readonly Quote[]; total: number }) {
  const currency = parts[0]?.currency ?? "CNY";
  return (
    <section class="stack" data-testid="parts">
      <Banner tone="info" icon="store" title={pay("split_is", { n: parts.length })}>
        {pay("split_text", { n: parts.length })}
      </Banner>
      {parts.map((part, at) => (
        <section key={part.store.id} class="buy-part" data-testid="part">
          <h3>{pay("split_part", { n: at + 1, store: part.store.name })}</h3>
          <p class="muted small num">{t("arrives", { from: clock(part.promised_from), to: clock(part.promised_to) })}</p>
          <Bill quote={part} />
        </section>
      ))}
      <p class="buy-part__total">
        {t("total")} <strong class="num" data-testid="parts-total">{money(total, currency)}</strong>
      </p>
    </section>
  );
}

/** How long the quote's price holds; it is renewed by itself. */
function HeldUntil({ quote }: { quote: SignedQuote }) {
  const left = useTimeLeft(Date.parse(quote.valid_until));
  return (
    <p class="muted small num buy-centre" data-testid="price-held">
      {left > 0 ? pay("price_held", { time: duration(left / 1000) }) : pay("quote_again")}
    </p>
  );
}

/** How long placed orders wait for their money. */
export function PayUntil({ at }: { at: string }) {
  const left = useTimeLeft(Date.parse(at));
  return (
    <p class="muted small num buy-centre" role="timer" data-testid="pay-until">
      {left > 0 ? pay("left_time", { time: duration(left / 1000) }) : pay("left_none")}
    </p>
  );
}
