"""Coupons: defined, claimed, pinned in shows, held for orders exactly."""

import secrets
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from orders.model import CouponRefusal
from orders.ports import Clock
from orders.pricing.model import CouponKind, CouponScope
from orders.promotions.coupons.coupon import UNLIMITED, Coupon, CouponDetails, CouponPin, HeldCoupon
from orders.promotions.coupons.store import CodeTaken, CouponRecords
from orders.promotions.errors import CouponCodeTaken, CouponGone, CouponNotFound, CouponRefused, InvalidCoupon
from orders.promotions.rations.rations import Outcome, Rations
from orders.promotions.rations.store import Ration, RationRecords
from orders.store import OrderRecords

MAX_AMOUNT = 100_000_000
MAX_BOUND = 200
MAX_USES = 1_000_000
LONGEST = timedelta(days=366)
LATEST = 500


class Coupons:
    """Any number of processes may work at once: budgets hold by conditional updates."""

    def __init__(self, records: CouponRecords, rations: RationRecords, orders: OrderRecords, clock: Clock) -> None:
        self._records = records
        self._rations = Rations(rations, orders, clock)
        self._clock = clock
        self.pin_changed: Callable[[str], None] = _nobody
        """Called with a show's id after its pinned coupon changed: set by who tells pages."""
        self.touched: Callable[[str], None] = _nobody
        """Called with a coupon's id after orders took of it: set by who calls `settle`."""

    async def define(self, details: CouponDetails, by: str, coupon_id: str | None = None) -> Coupon:
        """A new coupon. Codes are kept in capitals. Raises InvalidCoupon, CouponCodeTaken."""
        if details.code is not None:
            details = replace(details, code=details.code.strip().upper())
        _check(details)
        if details.ends_at <= self._clock():
            raise InvalidCoupon("A coupon ends in the future.", field="ends_at")
        budget, uses = details.budget_amount, details.budget_uses
        coupon = Coupon(
            coupon_id or f"cpn_{secrets.token_hex(8)}",
            details,
            UNLIMITED if budget is None else budget,
            None if uses is None else uses // details.per_buyer,
            claims=0,
        )
        try:
            await self._records.insert(coupon, self._clock(), by)
        except CodeTaken:
            raise CouponCodeTaken("Another coupon has this code.", field="code") from None
        return coupon

    async def coupon(self, coupon_id: str) -> Coupon:
        """Raises CouponNotFound."""
        found = await self._records.coupons([coupon_id])
        if coupon_id not in found:
            raise CouponNotFound(f"No coupon {coupon_id}.")
        return found[coupon_id]

    async def latest(self, before: datetime | None, limit: int) -> list[tuple[datetime, Coupon]]:
        """All coupons, newest first, with when they were made."""
        return await self._records.latest(before, limit)

    async def uses(self, coupons: Iterable[Coupon]) -> dict[str, int]:
        """How many orders have each of these coupons: one read for each that was claimed."""
        return {one.id: await self._records.uses(one.id) if one.claims else 0 for one in coupons}

    async def stop(self, coupon_id: str, stopped: bool) -> Coupon:
        """A stopped coupon is neither claimed nor used any more, till it is resumed. Raises CouponNotFound."""
        if not await self._records.stop(coupon_id, stopped):
            raise CouponNotFound(f"No coupon {coupon_id}.")
        for show_id in await self._records.shows_pinning(coupon_id):
            self.pin_changed(show_id)
        return await self.coupon(coupon_id)

    async def claim(self, coupon_id: str, buyer_id: str) -> HeldCoupon:
        """Put a coupon without a code into the buyer's wallet. Idempotent. Raises CouponNotFound, CouponGone."""
        coupon = await self.coupon(coupon_id)
        if coupon.details.code is not None and not await self._records.claims(buyer_id, [coupon_id]):
            raise CouponNotFound("This coupon needs its code.")
        return await self._claim(coupon, buyer_id)

    async def claim_code(self, code: str, buyer_id: str) -> HeldCoupon:
        """The same with a code, in any case. Raises CouponNotFound, CouponGone."""
        coupon = await self._records.by_code(code.strip().upper())
        if coupon is None:
            raise CouponNotFound("No coupon has this code.", field="code")
        return await self._claim(coupon, buyer_id)

    async def _claim(self, coupon: Coupon, buyer_id: str) -> HeldCoupon:
        held = await self.held(buyer_id, [coupon.id])
        if held:
            return held[0]
        now, limited = self._clock(), coupon.claims_left is not None
        # Counted before it is given: a process that dies in between gives one fewer, never one more.
        if not coupon.claimable(now) or not await self._records.count_claim(coupon.id, limited):
            raise CouponGone("This coupon is no longer given out.")
        if not await self._records.claim(coupon.id, buyer_id, now):
            await self._records.uncount_claim(coupon.id, limited)
        return (await self.held(buyer_id, [coupon.id]))[0]

    async def held(self, buyer_id: str, coupon_ids: Sequence[str] | None = None) -> list[HeldCoupon]:
        """What a buyer has in the wallet, the latest first; all, or those of these ids. Two reads."""
        claims = await self._records.claims(buyer_id, coupon_ids)
        coupons = await self._records.coupons(coupon for coupon, _, _ in claims) if claims else {}
        return [HeldCoupon(coupons[one], at, taken) for one, at, taken in claims if one in coupons]

    async def pin(self, show_id: str, store_id: str, coupon_id: str) -> CouponPin:
        """Show it in a show of this store, instead of the one before. Raises CouponNotFound, CouponGone."""
        coupon, now = await self.coupon(coupon_id), self._clock()
        if not _pinnable(coupon, show_id, store_id, now):
            raise CouponGone("Only a coupon that viewers of this show can claim now can be pinned.")
        await self._records.pin(show_id, coupon_id, now, coupon.details.ends_at)
        self.pin_changed(show_id)
        return CouponPin(show_id, coupon, now)

    async def pinnable(self, show_id: str, store_id: str) -> list[Coupon]:
        """What can be pinned in a show now, of the latest coupons."""
        now = self._clock()
        latest = await self._records.latest(None, LATEST)
        return [coupon for _, coupon in latest if _pinnable(coupon, show_id, store_id, now)]

    async def unpin(self, show_id: str, coupon_id: str) -> None:
        """Nothing happens if another one is pinned by now."""
        if await self._records.unpin(show_id, coupon_id):
            self.pin_changed(show_id)

    async def pins(self, show_ids: Iterable[str]) -> dict[str, CouponPin]:
        """What these shows show and viewers can claim now, by show."""
        rows, now = await self._records.pins(show_ids), self._clock()
        coupons = await self._records.coupons(coupon for _, coupon, _ in rows) if rows else {}
        return {
            show: CouponPin(show, coupons[one], at)
            for show, one, at in rows
            if one in coupons and coupons[one].refusal(now) is None
        }

    async def hold(self, coupon_id: str, order_id: str, buyer_id: str, amount: int, until: datetime) -> None:
        """Take one use, and the money from the budget. Idempotent per order. Raises CouponRefused."""
        coupon = await self.coupon(coupon_id)
        ration = Ration(coupon_id, order_id, buyer_id, amount, 1, until, self._clock())
        outcome = await self._rations.hold(ration, coupon.details.per_buyer)
        if outcome is Outcome.REFUSED:
            raise CouponRefused(coupon_id, CouponRefusal.BUDGET_GONE)
        if outcome is Outcome.LIMIT:
            raise CouponRefused(coupon_id, CouponRefusal.USED)
        self.touched(coupon_id)

    async def undo(self, coupon_id: str, order_id: str, buyer_id: str) -> None:
        """Take back what was held for an order that is not written. It may hold again."""
        await self._rations.undo(coupon_id, order_id, buyer_id)

    async def give_back(self, coupon_id: str, order_id: str, buyer_id: str) -> None:
        """A written order ended: its use and money are there again. Idempotent."""
        await self._rations.give_back(coupon_id, order_id, buyer_id)

    async def settle(self, coupon_id: str) -> None:
        """Keep the document of a much used coupon small."""
        await self._rations.settle(coupon_id)

    async def sweep(self, limit: int) -> int:
        """Give back what was held for orders that were never written, and un-pin what has expired."""
        freed = await self._rations.sweep(limit)
        outlived = await self._records.outlived_pins(self._clock(), limit)
        for show_id, coupon_id in outlived:
            await self.unpin(show_id, coupon_id)
        return len(freed) + len(outlived)


def _pinnable(coupon: Coupon, show_id: str, store_id: str, at: datetime) -> bool:
    details = coupon.details
    place = {CouponScope.SHOW: show_id, CouponScope.STORE: store_id}.get(details.scope)
    return details.code is None and coupon.claimable(at) and (place is None or place in details.bound_to)


def _nobody(_id: str) -> None:
    """Nobody has to be told."""


def _check(details: CouponDetails) -> None:
    if not details.title.strip():
        raise InvalidCoupon("A coupon needs a title.", field="title")
    most = {CouponKind.AMOUNT: MAX_AMOUNT, CouponKind.PERCENT: 10_000, CouponKind.DELIVERY: MAX_AMOUNT}[details.kind]
    if details.kind is not CouponKind.DELIVERY and not 0 < details.value <= most:
        raise InvalidCoupon(f"The value is 1 to {most}.", field="value")
    if not 0 <= details.minimum <= MAX_AMOUNT:
        raise InvalidCoupon(f"The minimum is up to {MAX_AMOUNT} minor units.", field="minimum")
    if details.cap is not None and not 0 < details.cap <= MAX_AMOUNT:
        raise InvalidCoupon(f"The cap is 1 to {MAX_AMOUNT} minor units.", field="cap")
    if (details.scope is CouponScope.EVERYTHING) == bool(details.bound_to) or len(details.bound_to) > MAX_BOUND:
        raise InvalidCoupon(f"Name 1 to {MAX_BOUND} things that it is bound to, or none.", field="bound_to")
    if not timedelta() < details.ends_at - details.starts_at <= LONGEST:
        raise InvalidCoupon("A coupon ends after its start, within a year.", field="ends_at")
    if not 0 < details.per_buyer <= 100:
        raise InvalidCoupon("Each buyer has 1 to 100 uses.", field="per_buyer")
    if details.budget_uses is not None and not details.per_buyer <= details.budget_uses <= MAX_USES:
        raise InvalidCoupon(f"The budget is from one buyer's uses to {MAX_USES}.", field="budget_uses")
    if details.budget_amount is not None and not 0 < details.budget_amount < UNLIMITED:
        raise InvalidCoupon("The budget is above zero.", field="budget_amount")
    if details.code is not None and not (4 <= len(details.code) <= 32 and details.code.isascii()):
        raise InvalidCoupon("A code has 4 to 32 letters and digits.", field="code")
