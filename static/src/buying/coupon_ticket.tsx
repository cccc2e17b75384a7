import type { ComponentChildren } from "preact";

import type { Coupon } from "../core/types";
import { cx } from "../design/class_names";
import { terms, worth } from "./coupon_text";

export interface CouponTicketProps {
  coupon: Coupon;
  /** At the end: a mark, a state. */
  end?: ComponentChildren;
  /** Under its terms: why it does not count, what it saves. */
  note?: ComponentChildren;
  faded?: boolean;
  /** Chosen or not; a button then. */
  chosen?: boolean;
  onClick?: () => void;
}

/** A coupon as a ticket: what it is worth, what for, and what becomes of it. */
export function CouponTicket({ coupon, end, note, faded, chosen, onClick }: CouponTicketProps) {
  const name = cx("coupon", faded && "coupon--faded", chosen && "coupon--chosen");
  const inside = (
    <>
      <span class="coupon__worth num">{worth(coupon)}</span>
      <span class="coupon__text">
        <span class="coupon__title">{coupon.title}</span>
        <span class="muted small num">{terms(coupon)}</span>
        {note && <span class="coupon__note small num">{note}</span>}
      </span>
      {end && <span class="coupon__end">{end}</span>}
    </>
  );
  const test = { "data-testid": "coupon", "data-coupon": coupon.id };
  if (!onClick) {
    return (
      <div {...test} class={name}>
        {inside}
      </div>
    );
  }
  return (
    <button {...test} type="button" class={name} role="checkbox" aria-checked={chosen ? "true" : "false"} onClick={onClick}>
      {inside}
    </button>
  );
}
