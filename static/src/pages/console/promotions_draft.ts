/** A coupon as it is typed in, what is wrong with it, and what is sent. */

import { minorUnits, wholeNumber } from "../../core/amounts";
import { ApiProblem } from "../../core/api";
import { problemText } from "../../core/problems";
import type { Coupon, CouponKind, CouponPlace, CouponScope, DeskCoupon } from "../../core/types_offers";
import { o } from "./promotions_text";

export interface Draft {
  title: string;
  kind: CouponKind;
  value: string;
  cap: string;
  minimum: string;
  scope: CouponScope;
  bound: readonly CouponPlace[];
  later: boolean;
  /** As `<input type="datetime-local">` has them: by this machine's clock. */
  starts: string;
  ends: string;
  coded: boolean;
  code: string;
  perBuyer: string;
  uses: string;
  amount: string;
  stacks: boolean;
}

/** The members of the route's body that have a control of their own. */
export const FIELDS = [
  "title",
  "value",
  "cap",
  "minimum",
  "bound_to",
  "starts_at",
  "ends_at",
  "code",
  "per_buyer",
  "budget_uses",
  "budget_amount",
] as const;
export type FieldName = (typeof FIELDS)[number];
export type Faults = Partial<Record<FieldName, string>>;

const DAY = 86_400_000;
const YEAR = 366 * DAY;
const CODE = /^[A-Za-z0-9_-]{4,32}$/;

/** One that ends at the end of a day in a week. */
export function fresh(now: number = Date.now()): Draft {
  const end = new Date(now + 7 * DAY);
  end.setHours(23, 59, 0, 0);
  return {
    title: "",
    kind: "amount",
    value: "",
    cap: "",
    minimum: "",
    scope: "everything",
    bound: [],
    later: false,
    starts: "",
    ends: local(end),
    coded: false,
    code: "",
    perBuyer: "1",
    uses: "",
    amount: "",
    stacks: false,
  };
}

/** The same again, from now on; a code exists only once. */
export function copyOf(coupon: DeskCoupon): Draft {
  const typed = (minor: number | null) => (minor === null || minor === 0 ? "" : String(minor / 100));
  return {
    ...fresh(),
    title: coupon.title,
    kind: coupon.kind,
    value: coupon.kind === "delivery" ? "" : typed(coupon.value),
    cap: typed(coupon.cap),
    minimum: typed(coupon.minimum),
    scope: coupon.scope,
    bound: coupon.bound.filter((one) => one.name !== null),
    coded: coupon.code !== null,
    perBuyer: String(coupon.per_buyer),
    uses: coupon.budget_uses === null ? "" : String(coupon.budget_uses),
    amount: typed(coupon.budget_amount),
    stacks: coupon.stacks,
  };
}

function local(at: Date): string {
  const two = (value: number) => String(value).padStart(2, "0");
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}T${two(at.getHours())}:${two(at.getMinutes())}`;
}

/** Milliseconds since the epoch; NaN while nothing whole is chosen. */
function chosen(text: string): number {
  return text === "" ? NaN : new Date(text).getTime();
}

/** What was typed, in the route's terms: `undefined` where it makes no sense. */
function read(draft: Draft) {
  const optional = (text: string, least: number) => {
    if (text.trim() === "") return null;
    const minor = minorUnits(text);
    return minor !== null && minor >= least ? minor : undefined;
  };
  const value = draft.kind === "delivery" ? 0 : minorUnits(draft.value);
  const most = draft.kind === "percent" ? 10_000 : 100_000_000;
  const perBuyer = wholeNumber(draft.perBuyer, 1, 100);
  const uses = draft.uses.trim() === "" ? null : (wholeNumber(draft.uses, perBuyer ?? 1, 1_000_000) ?? undefined);
  return {
    value: value !== null && value <= most && (value > 0 || draft.kind === "delivery") ? value : undefined,
    cap: draft.kind === "amount" ? null : optional(draft.cap, 1),
    minimum: optional(draft.minimum, 0),
    starts: draft.later ? chosen(draft.starts) : null,
    ends: chosen(draft.ends),
    perBuyer: perBuyer ?? undefined,
    uses,
    amount: optional(draft.amount, 1),
  };
}

export function faultsOf(draft: Draft, now: number = Date.now()): Faults {
  const { value, cap, minimum, starts, ends, perBuyer, uses, amount } = read(draft);
  const begins = Math.max(now, starts ?? now);
  const wrong: [FieldName, boolean, string][] = [
    ["title", draft.title.trim() === "" || draft.title.trim().length > 60, o("bad_title")],
    ["value", value === undefined, o(draft.kind === "percent" ? "bad_percent" : "bad_amount")],
    ["cap", cap === undefined, o("bad_cap")],
    ["minimum", minimum === undefined, o("bad_money")],
    ["bound_to", draft.scope !== "everything" && draft.bound.length === 0, o("bad_bound")],
    ["starts_at", starts !== null && Number.isNaN(starts), o("bad_starts")],
    ["ends_at", !(ends > begins && ends - (starts ?? now) <= YEAR), o("bad_ends")],
    ["code", draft.coded && !CODE.test(draft.code.trim()), o("bad_code")],
    ["per_buyer", perBuyer === undefined, o("bad_per_buyer")],
    ["budget_uses", uses === undefined, o("bad_uses")],
    ["budget_amount", amount === undefined, o("bad_budget")],
  ];
  return Object.fromEntries(wrong.filter(([, bad]) => bad).map(([name, , text]) => [name, text]));
}

/** The body of the route; only for a draft without faults. */
export function bodyOf(draft: Draft) {
  const { value, cap, minimum, starts, ends, perBuyer, uses, amount } = read(draft);
  return {
    title: draft.title.trim(),
    kind: draft.kind,
    value: value ?? 0,
    scope: draft.scope,
    bound_to: draft.scope === "everything" ? [] : draft.bound.map((one) => one.id),
    minimum: minimum ?? 0,
    cap: cap ?? null,
    // One for delivery goes with any other, whatever it says.
    stacks: draft.stacks || draft.kind === "delivery",
    starts_at: starts === null ? null : new Date(starts).toISOString(),
    ends_at: new Date(ends).toISOString(),
    code: draft.coded ? draft.code.trim() : null,
    per_buyer: perBuyer ?? 1,
    budget_uses: uses ?? null,
    budget_amount: amount ?? null,
  };
}

/** The coupon as buyers would see it, as far as it is typed in. */
export function previewOf(draft: Draft): Coupon {
  const { value, cap, minimum, starts, ends, perBuyer } = read(draft);
  const until = Number.isNaN(ends) ? Date.now() : ends;
  return {
    id: "",
    title: draft.title.trim() || o("title"),
    kind: draft.kind,
    value: value ?? 0,
    scope: draft.scope,
    bound_to: [],
    minimum: minimum ?? 0,
    cap: cap ?? null,
    stacks: draft.stacks,
    starts_at: new Date(starts === null || Number.isNaN(starts) ? Date.now() : starts).toISOString(),
    ends_at: new Date(until).toISOString(),
    per_buyer: perBuyer ?? 1,
  };
}

/** What a refusal says beside the control that it is about; null if it is about none of them. */
export function refusalOf(failure: unknown, draft: Draft): Faults | null {
  if (!(failure instanceof ApiProblem)) return null;
  const at = failure.field?.split(".")[0];
  const name = FIELDS.find((one) => one === at);
  if (name === undefined) return null;
  if (failure.code === "coupon_code_taken") return { code: problemText(failure) };
  if (name === "bound_to") return { bound_to: o("gone_bound") };
  const sentences: Record<Exclude<FieldName, "bound_to">, string> = {
    title: o("bad_title"),
    value: o(draft.kind === "percent" ? "bad_percent" : "bad_amount"),
    cap: o("bad_cap"),
    minimum: o("bad_money"),
    starts_at: o("bad_starts"),
    ends_at: o("bad_ends"),
    code: o("bad_code"),
    per_buyer: o("bad_per_buyer"),
    budget_uses: o("bad_uses"),
    budget_amount: o("bad_budget"),
  };
  return { [name]: sentences[name] };
}
