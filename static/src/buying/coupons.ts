/** This person's coupons: what they have, and claiming more. */

import { signal } from "@preact/signals";

import { get, post } from "../core/api";
import type { OwnCoupon } from "../core/types";

/** Null before they were asked for. */
export const wallet = signal<readonly OwnCoupon[] | null>(null);

export async function loadCoupons(): Promise<void> {
  wallet.value = (await get<{ items: OwnCoupon[] }>("/api/me/coupons")).items;
}

export function owned(couponId: string): OwnCoupon | undefined {
  return wallet.value?.find(({ id }) => id === couponId);
}

/** Claims one that is shown; again is no harm. Throws ApiProblem (`coupon_gone`). */
export async function claim(couponId: string): Promise<void> {
  keep(await post<OwnCoupon>(`/api/coupons/${encodeURIComponent(couponId)}/claim`));
}

/** Claims by a code, as it was printed or told. Throws ApiProblem (`not_found`, `coupon_gone`). */
export async function claimCode(code: string): Promise<OwnCoupon> {
  const coupon = await post<OwnCoupon>("/api/me/coupons", { code });
  keep(coupon);
  return coupon;
}

function keep(coupon: OwnCoupon): void {
  wallet.value = [coupon, ...(wallet.value ?? []).filter(({ id }) => id !== coupon.id)];
}
