"""Errors of promotions. `code` is stable; `live/http/errors.py` maps it to a status.

| code | HTTP status |
|---|---|
| not_found | 404 |
| flash_exists, flash_over, flash_sold_out, flash_limit | 409 |
| coupon_refused, coupon_gone, coupon_code_taken | 409 |
| invalid_flash, invalid_coupon | 422 |
"""

from orders.errors import OrdersError


class FlashNotFound(OrdersError):
    """No such flash sale."""

    code = "not_found"


class CouponNotFound(OrdersError):
    """No such coupon, or none of this code."""

    code = "not_found"


class InvalidFlash(OrdersError):
    """Price, times or limits of a flash sale make no sense."""

    code = "invalid_flash"


class InvalidCoupon(OrdersError):
    """What a coupon promises makes no sense."""

    code = "invalid_coupon"


class FlashExists(OrdersError):
    """The card has a flash sale that is not over."""

    code = "flash_exists"


class FlashOver(OrdersError):
    """The flash sale has ended or was cancelled, or has not begun."""

    code = "flash_over"


class FlashSoldOut(OrdersError):
    """Fewer pieces are left at the flash price than were asked for. `left` is how many."""

    code = "flash_sold_out"

    def __init__(self, flash_id: str, left: int) -> None:
        super().__init__(f"Only {left} left at the flash price.", field="lines")
        self.flash_id = flash_id
        self.left = left

    def detail(self) -> dict[str, object]:
        return {"flash_id": self.flash_id, "left": self.left}


class FlashLimit(OrdersError):
    """The buyer would have more pieces than one may at the flash price. `left` is how many more this one may have."""

    code = "flash_limit"

    def __init__(self, flash_id: str, per_buyer: int, left: int) -> None:
        super().__init__(f"At most {per_buyer} each at the flash price; {left} more for you.", field="lines")
        self.flash_id = flash_id
        self.per_buyer = per_buyer
        self.left = left

    def detail(self) -> dict[str, object]:
        return {"flash_id": self.flash_id, "per_buyer": self.per_buyer, "left": self.left}


class CouponRefused(OrdersError):
    """A coupon that was asked for takes nothing off this order. `reason` is a `CouponRefusal`."""

    code = "coupon_refused"

    def __init__(self, coupon_id: str, reason: str, missing: int = 0) -> None:
        super().__init__(f"The coupon cannot be used here: {reason}.", field="coupons")
        self.coupon_id = coupon_id
        self.reason = reason
        self.missing = missing

    def detail(self) -> dict[str, object]:
        return {"coupon_id": self.coupon_id, "reason": self.reason, "missing": self.missing}


class CouponGone(OrdersError):
    """The coupon is no longer given out: all are taken, it was stopped, or its time is over or has not come."""

    code = "coupon_gone"


class CouponCodeTaken(OrdersError):
    """Another coupon has this code."""

    code = "coupon_code_taken"
