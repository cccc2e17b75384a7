/** The state of one buy sheet: which step, what is chosen, and what the server said. */

import { useMemo, useRef, useState } from "preact/hooks";

import { ApiProblem } from "../core/api";
import { problemCode } from "../core/problems";
import type { Address, Card, Door, Order, Show, Variant } from "../core/types";
import { toast } from "../design/toast";
import { address, keepAddress } from "./address";
import { Placing, type Wanted } from "./checkout";
import type { CouponChoice } from "./coupon_step";
import { door, keepDoor } from "./door";
import { keepOrder } from "./my_orders";
import { type Paying, usePaying } from "./paying";
import { t as pay } from "./pay_text";
import { type Quoting, useQuoting } from "./quoting";
import { variantOf } from "./variants";

export type Step = "choose" | "address" | "coupons" | "pay" | "track";

/** The quote is no longer what it was: another one is asked for, and the person sees what is new. */
const STALE: ReadonlySet<string> = new Set([
  "price_changed",
  "quote_expired",
  "invalid_quote",
  "flash_over",
  "flash_sold_out",
  "flash_limit",
  "coupon_refused",
  "reservation_lost",
]);
/** The limit of a flash sale or a coupon was reached meanwhile: that is said in words of its own. */
const LOST: ReadonlyMap<string, "flash_lost" | "coupon_lost"> = new Map([
  ["flash_over", "flash_lost"],
  ["flash_sold_out", "flash_lost"],
  ["flash_limit", "flash_lost"],
  ["coupon_refused", "coupon_lost"],
]);

export interface Buying {
  step: Step;
  variant: Variant | null;
  quantity: number;
  coupons: CouponChoice;
  note: string;
  quoting: Quoting;
  paying: Paying;
  placed: readonly Order[] | null;
  /** Why the order could not be placed, until something changes. */
  problem: unknown;
  busy: boolean;
  setVariant: (variant: Variant) => void;
  setQuantity: (quantity: number) => void;
  setCoupons: (coupons: CouponChoice) => void;
  setNote: (note: string) => void;
  agreeToSplit: () => void;
  go: (step: Step) => void;
  saveAddress: (address: Address) => void;
  again: () => void;
  pay: () => Promise<void>;
}

export function useBuying(show: Show, card: Card): Buying {
  const [step, setStep] = useState<Step>("choose");
  const [productId, setProductId] = useState<string | null>(null);
  const [quantity, setQuantity] = useState(1);
  const [coupons, setCoupons] = useState<CouponChoice>("auto");
  const [split, setSplit] = useState(false);
  const [placed, setPlaced] = useState<readonly Order[] | null>(null);
  const [note, setNote] = useState("");
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<unknown>(null);
  const after = useRef<Step>("choose");
  const placing = useMemo(() => new Placing(), []);
  const variant = variantOf(card, productId);
  const to = address.value;
  const product = variant?.product_id ?? card.product.id;
  const wanted: Wanted = { showId: show.id, lines: [{ product_id: product, quantity, card_id: card.id }], coupons, split };
  // A deal or a flash sale that begins or ends makes another price.
  const price = `${show.pinned_card_id} ${card.deal_price} ${card.flash?.id} ${card.flash?.status}`;
  const quoting = useQuoting(wanted, to, (step === "pay" || step === "coupons") && placed === null, price);
  const paying = usePaying(placed ? placed.reduce((sum, { total }) => sum + total, 0) : (quoting.quote?.total ?? null), () => setStep("track"));

  /** Who takes cash has to meet the buyer. */
  const atDoor = (): Door => ({ ...door.value, leave: door.value.leave && paying.method?.kind !== "cash" });

  /** Placed, or null when it was not; then the person has been told why. */
  async function place(): Promise<readonly Order[] | null> {
    const { quote } = quoting;
    if (!to || !quote) return null;
    try {
      const orders = await placing.place(quote, to, note.trim(), atDoor());
      orders.forEach(keepOrder);
      keepDoor();
      setPlaced(orders);
      return orders;
    } catch (refused) {
      const code = problemCode(refused) ?? "";
      if (!STALE.has(code)) {
        setProblem(refused);
        return null;
      }
      const lost = LOST.get(code);
      const left = refused instanceof ApiProblem ? Number(refused.extra["left"] ?? 0) : 0;
      if (lost) toast(lost === "flash_lost" && left > 0 ? pay("flash_lost_left", { n: left }) : pay(lost), "bad");
      if (code === "coupon_refused") setCoupons("auto");
      await quoting.refresh();
      return null;
    }
  }

  async function payNow(): Promise<void> {
    if (busy || paying.busy || !paying.check()) return;
    quoting.accept();
    setBusy(true);
    setProblem(null);
    const orders = placed ?? (await place());
    setBusy(false);
    if (orders) await paying.pay(orders);
  }

  const fresh = <T,>(set: (value: T) => void) => (value: T) => {
    setProblem(null);
    set(value);
  };
  return {
    step,
    variant,
    quantity,
    coupons,
    note,
    quoting,
    paying,
    placed,
    problem,
    busy: busy || paying.busy,
    setVariant: fresh(({ product_id }: Variant) => setProductId(product_id)),
    setQuantity: fresh(setQuantity),
    setCoupons: fresh(setCoupons),
    setNote,
    agreeToSplit: () => fresh(setSplit)(true),
    go: (next) => {
      if (next === "address") after.current = step === "address" ? "choose" : step;
      if (next === "choose") setSplit(false);
      setProblem(null);
      setStep(next);
    },
    saveAddress: (next) => {
      keepAddress(next);
      setStep(after.current);
    },
    again: () => {
      setProblem(null);
      void quoting.refresh();
    },
    pay: payNow,
  };
}
