"""What a coupon is, and what its holders have of it. Values only; money in minor units."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from orders.model import CouponRefusal
from orders.pricing.model import CouponKind, CouponScope, CouponTerms

UNLIMITED = 10**15
"""The budget of a coupon that has none, minor units."""


class CouponState(StrEnum):
    """How a coupon stands, for who looks after them."""

    RUNNING = "running"
    NOT_STARTED = "not_started"
    GIVEN_OUT = "given_out"
    """Nobody else can claim it; those who have it can use it."""
    USED_UP = "used_up"
    """Its budget of money is gone."""
    STOPPED = "stopped"
    OVER = "over"


@dataclass(frozen=True, slots=True)
class CouponDetails:
    """What an operator sets; it does not change afterwards, as holders were promised it.

    `kind`, `value`, `scope`, `bound_to`, `minimum`, `cap` and `stacks` are those of `CouponTerms`. It is claimed with
    its `code`, or without one by everybody who sees it. `budget_uses` is how many uses are given out (`per_buyer` with
    each claim), `budget_amount` how much all orders together take off; None: without a limit.
    """

    title: str
    kind: CouponKind
    value: int
    starts_at: datetime
    ends_at: datetime
    scope: CouponScope = CouponScope.EVERYTHING
    bound_to: tuple[str, ...] = ()
    minimum: int = 0
    cap: int | None = None
    stacks: bool = False
    code: str | None = None
    per_buyer: int = 1
    budget_uses: int | None = None
    budget_amount: int | None = None


@dataclass(frozen=True, slots=True)
class Coupon:
    """A coupon. `left` is what is left of its budget of money, `claims_left` how many may still claim it."""

    id: str
    details: CouponDetails
    left: int
    claims_left: int | None
    claims: int
    stopped: bool = False

    @property
    def spent(self) -> int:
        """What orders have taken off, or hold."""
        budget = self.details.budget_amount
        return (UNLIMITED if budget is None else budget) - self.left

    def terms(self) -> CouponTerms:
        """What pricing needs to know."""
        details = self.details
        return CouponTerms(
            self.id,
            details.title,
            details.kind,
            details.value,
            details.scope,
            frozenset(details.bound_to),
            details.minimum,
            details.cap,
            details.stacks,
        )

    def refusal(self, at: datetime) -> CouponRefusal | None:
        """Why nobody can use it at this moment."""
        if at < self.details.starts_at:
            return CouponRefusal.NOT_STARTED
        if at >= self.details.ends_at:
            return CouponRefusal.EXPIRED
        if self.stopped or self.left <= 0:
            return CouponRefusal.BUDGET_GONE
        return None

    def state(self, at: datetime) -> CouponState:
        """How it stands at this moment; of several things that are true, the one that lasts longest."""
        if at >= self.details.ends_at:
            return CouponState.OVER
        if self.stopped:
            return CouponState.STOPPED
        if self.left <= 0:
            return CouponState.USED_UP
        if at < self.details.starts_at:
            return CouponState.NOT_STARTED
        return CouponState.GIVEN_OUT if self.claims_left == 0 else CouponState.RUNNING

    def claimable(self, at: datetime) -> bool:
        """Whether it can be claimed at this moment."""
        return self.refusal(at) is None and self.claims_left != 0


@dataclass(frozen=True, slots=True)
class HeldCoupon:
    """A coupon as its holder has it: of `details.per_buyer` uses, `taken` are on orders."""

    coupon: Coupon
    claimed_at: datetime
    taken: int

    @property
    def uses_left(self) -> int:
        return max(0, self.coupon.details.per_buyer - self.taken)

    def refusal(self, at: datetime) -> CouponRefusal | None:
        """Why its holder cannot use it at this moment, whatever the order."""
        return CouponRefusal.USED if self.uses_left == 0 else self.coupon.refusal(at)


@dataclass(frozen=True, slots=True)
class CouponPin:
    """A coupon shown in a show."""

    show_id: str
    coupon: Coupon
    pinned_at: datetime
