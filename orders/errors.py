"""Errors of orders. `code` is stable; `live/http/errors.py` maps it to a status.

| code | HTTP status |
|---|---|
| invalid_order, empty_order, quantity_limit, unknown_product, invalid_store, invalid_product, invalid_amount | 422 |
| idempotency_mismatch, payment_method_unknown | 422 |
| bad_signature | 400 |
| changed_since, key_taken | 412 |
| store_busy, split_needed, quote_expired, too_many_unpaid | 409 |
| out_of_range, store_closed, sold_out, price_changed, below_reserved, not_enough_stock | 409 |
| proposal_open, proposal_gone, return_too_late, return_wrong_status | 409 |
| invalid_proposal, invalid_return, invalid_transfer, invalid_quantity | 422 |
| wrong_status, cancel_costs, payment_in_progress, refund_exceeds, cash_limit, cash_due | 409 |
| card_declined, insufficient_funds, expired_card, incorrect_cvc, authentication_failed, processing_error | 402 |
| payment_failed | 402 |
| too_many_attempts | 429 |
| payment_unavailable, stock_busy, reservation_lost | 503 |
| not_found, link_unknown | 404 |
"""

from datetime import datetime
from typing import ClassVar


class OrdersError(Exception):
    """Root of all errors of this package.

    `field` is a dotted path into the command where one field is to blame. `detail()` gives plain members that help
    the caller (the line, the total).
    """

    code: ClassVar[str] = "orders_error"

    def __init__(self, message: str, *, field: str | None = None) -> None:
        super().__init__(message)
        self.field = field

    def detail(self) -> dict[str, object]:
        """JSON-able members for the problem document, {} if there is nothing more to say."""
        return {}


class OrderNotFound(OrdersError):
    """No such order, or not one of this buyer or store."""

    code = "not_found"


class LinkUnknown(OrdersError):
    """No such personal link, or its time is over."""

    code = "link_unknown"


class AlertNotFound(OrdersError):
    """No such alert about a payment."""

    code = "not_found"


class StoreNotFound(OrdersError):
    """No such store."""

    code = "not_found"


class ProductNotFound(OrdersError):
    """No such product."""

    code = "not_found"


class InvalidStore(OrdersError):
    """Hours, time zone, position or radius of a store make no sense."""

    code = "invalid_store"


class InvalidProduct(OrdersError):
    """Price or name of a product makes no sense."""

    code = "invalid_product"


class ChangedSince(OrdersError):
    """Somebody has changed it since it was read: look at it again, then change it."""

    code = "changed_since"


class KeyTaken(OrdersError):
    """What was to be made is there already."""

    code = "key_taken"


class InvalidOrder(OrdersError):
    """The command makes no sense: a position off the globe, an empty idempotency key."""

    code = "invalid_order"


class EmptyOrder(OrdersError):
    """An order needs a line."""

    code = "empty_order"


class QuantityLimit(OrdersError):
    """Too many lines, or fewer than one or more than the permitted pieces of a product."""

    code = "quantity_limit"


class UnknownProduct(OrdersError):
    """A line names a product that does not exist or is no longer sold."""

    code = "unknown_product"


class OutOfRange(OrdersError):
    """No store delivers to the address."""

    code = "out_of_range"


class NoCourier(OrdersError):
    """No courier is on duty near the stores that deliver to the address, and nobody else brings it."""

    code = "no_courier"


class CouriersBusy(OrdersError):
    """There is more to bring around the stores than can be promised. `retry_after` is in whole seconds."""

    code = "couriers_busy"

    def __init__(self, retry_after: int) -> None:
        super().__init__("All couriers nearby are busy: nothing can be promised now.")
        self.retry_after = retry_after


class AreaPaused(OrdersError):
    """Delivery to the address, or from the stores that deliver to it, is paused."""

    code = "area_paused"


class StoreClosed(OrdersError):
    """Every store that delivers to the address is closed or paused."""

    code = "store_closed"


class SoldOut(OrdersError):
    """No open store in range has all the pieces. Of `product_id` at most `available` are to be had."""

    code = "sold_out"

    def __init__(self, product_id: str, available: int) -> None:
        super().__init__(f"Only {available} left of {product_id} near this address.", field="lines")
        self.product_id = product_id
        self.available = available

    def detail(self) -> dict[str, object]:
        return {"product_id": self.product_id, "available": self.available}


class StoreBusy(OrdersError):
    """The stores that have everything take no more orders in this quarter of an hour.

    `free_at` is when one of them has a place again, None if nobody knows.
    """

    code = "store_busy"

    def __init__(self, free_at: datetime | None) -> None:
        super().__init__("The store has all the orders that it can make up now.")
        self.free_at = free_at

    def detail(self) -> dict[str, object]:
        return {"free_at": None if self.free_at is None else self.free_at.isoformat().replace("+00:00", "Z")}


class SplitNeeded(OrdersError):
    """No single store has everything, several together do: ask the buyer. `stores` are their names."""

    code = "split_needed"

    def __init__(self, stores: list[str]) -> None:
        super().__init__(f"This would come from {len(stores)} stores, each by its own courier.", field="split")
        self.stores = stores

    def detail(self) -> dict[str, object]:
        return {"stores": self.stores}


class QuoteExpired(OrdersError):
    """The quote is too old to be ordered."""

    code = "quote_expired"


class TooManyUnpaid(OrdersError):
    """The buyer has as many unpaid orders as one may have, `limit`: pay or cancel one first."""

    code = "too_many_unpaid"

    def __init__(self, limit: int) -> None:
        super().__init__(f"You have {limit} orders that are not paid: pay or cancel one first.")
        self.limit = limit

    def detail(self) -> dict[str, object]:
        return {"limit": self.limit}


class PriceChanged(OrdersError):
    """The total is not what the buyer saw. `total` is what it is now, in minor units."""

    code = "price_changed"

    def __init__(self, expected: int, total: int) -> None:
        super().__init__(f"The total is now {total}, not {expected}.", field="expected_total")
        self.total = total

    def detail(self) -> dict[str, object]:
        return {"total": self.total}


class IdempotencyMismatch(OrdersError):
    """The idempotency key was used before for something else."""

    code = "idempotency_mismatch"


class ReservationLost(OrdersError):
    """The pieces were given back before the order was written (this process stood still too long). Try again."""

    code = "reservation_lost"


class BelowReserved(OrdersError):
    """A count lower than what open orders hold: reject or cancel orders first. `reserved` is what they hold."""

    code = "below_reserved"

    def __init__(self, reserved: int) -> None:
        super().__init__(f"Open orders hold {reserved} pieces.", field="on_hand")
        self.reserved = reserved

    def detail(self) -> dict[str, object]:
        return {"reserved": self.reserved}


class InvalidQuantity(OrdersError):
    """A number of pieces that makes no sense, or has the wrong sign for its reason."""

    code = "invalid_quantity"


class NotEnoughStock(OrdersError):
    """More pieces are to leave a store than no open order holds. Of `product_id` there are `free` ones."""

    code = "not_enough_stock"

    def __init__(self, product_id: str, free: int) -> None:
        super().__init__(f"Only {free} of {product_id} are free to go.", field="lines")
        self.product_id = product_id
        self.free = free

    def detail(self) -> dict[str, object]:
        return {"product_id": self.product_id, "free": self.free}


class InvalidTransfer(OrdersError):
    """A transfer makes no sense: to the same store, without lines, or what arrived is not said line by line."""

    code = "invalid_transfer"


class TransferNotFound(OrdersError):
    """No such transfer, or not one of this store."""

    code = "not_found"


class StockBusy(OrdersError):
    """The stock record changed under every try to set it. Try again."""

    code = "stock_busy"


class WrongStatus(OrdersError):
    """The order's status, or who asks, does not permit this. `status` is what the order is."""

    code = "wrong_status"

    def __init__(self, message: str, status: str) -> None:
        super().__init__(message)
        self.status = status

    def detail(self) -> dict[str, object]:
        return {"order_status": self.status}


class ProposalOpen(OrdersError):
    """The buyer has not answered the store's question yet. Wait, or withdraw it."""

    code = "proposal_open"


class ProposalGone(OrdersError):
    """The question is not open any more. `status` is what became of it."""

    code = "proposal_gone"

    def __init__(self, message: str, status: str) -> None:
        super().__init__(message)
        self.status = status

    def detail(self) -> dict[str, object]:
        return {"proposal_status": self.status}


class InvalidProposal(OrdersError):
    """A proposal that makes no sense: nothing missing, more missing than ordered, a replacement that is no other."""

    code = "invalid_proposal"


class InvalidReturn(OrdersError):
    """A return that makes no sense: no line, more pieces than were in the bag and not returned before."""

    code = "invalid_return"


class ReturnTooLate(OrdersError):
    """Goods may be returned for some days after delivery only."""

    code = "return_too_late"


class ReturnStatusWrong(OrdersError):
    """The return is not where this can be done. `status` is where it is."""

    code = "return_wrong_status"

    def __init__(self, message: str, status: str) -> None:
        super().__init__(message)
        self.status = status

    def detail(self) -> dict[str, object]:
        return {"return_status": self.status}


class PaymentInProgress(OrdersError):
    """Another attempt to pay this order is under way."""

    code = "payment_in_progress"


class TooManyAttempts(OrdersError):
    """The order has had all the payment attempts it may have."""

    code = "too_many_attempts"


class PaymentUnavailable(OrdersError):
    """The payment provider cannot be reached. The same call may be sent again."""

    code = "payment_unavailable"


class PaymentFailed(OrdersError):
    """The provider refused the money. The subclass says why."""

    code = "payment_failed"


class CardDeclined(PaymentFailed):
    """The bank refused without saying why."""

    code = "card_declined"


class InsufficientFunds(PaymentFailed):
    """Not enough money on the account."""

    code = "insufficient_funds"


class ExpiredCard(PaymentFailed):
    """The card is past its date."""

    code = "expired_card"


class IncorrectCvc(PaymentFailed):
    """The check digits are not the card's."""

    code = "incorrect_cvc"


class AuthenticationFailed(PaymentFailed):
    """The buyer did not prove to the bank to be the card's owner."""

    code = "authentication_failed"


class ProcessingError(PaymentFailed):
    """The bank or the provider failed on its side: nothing was held, the same card may be tried again."""

    code = "processing_error"


class PaymentMethodUnknown(OrdersError):
    """No such payment provider, or one that is not offered for new payments."""

    code = "payment_method_unknown"


class BadSignature(OrdersError):
    """A webhook that the provider did not sign, or signed too long ago."""

    code = "bad_signature"


class CancelCosts(OrdersError):
    """To cancel costs the buyer more than they agreed to: `fee` as it is now, in minor units."""

    code = "cancel_costs"

    def __init__(self, fee: int) -> None:
        super().__init__(f"The store has begun with the order: to cancel it costs {fee} now.", field="fee")
        self.fee = fee

    def detail(self) -> dict[str, object]:
        return {"fee": self.fee}


class CashLimit(OrdersError):
    """Cash on delivery is for smaller orders, and for few at once. `limit` is the most, in minor units."""

    code = "cash_limit"

    def __init__(self, message: str, limit: int) -> None:
        super().__init__(message, field="provider")
        self.limit = limit

    def detail(self) -> dict[str, object]:
        return {"limit": self.limit}


class CashDue(OrdersError):
    """The courier has to take `amount` in cash (minor units) before the bag changes hands, and to say so."""

    code = "cash_due"

    def __init__(self, amount: int) -> None:
        super().__init__(f"{amount} is to be paid in cash.", field="cash_received")
        self.amount = amount

    def detail(self) -> dict[str, object]:
        return {"amount": self.amount}


class InvalidAmount(OrdersError):
    """An amount of money that is not a positive number of minor units."""

    code = "invalid_amount"


class RefundExceeds(OrdersError):
    """More than was captured and not yet refunded. `refundable` is how much there is, in minor units."""

    code = "refund_exceeds"

    def __init__(self, refundable: int) -> None:
        super().__init__(f"Only {refundable} can be refunded.", field="amount")
        self.refundable = refundable

    def detail(self) -> dict[str, object]:
        return {"refundable": self.refundable}


_FAILURES: dict[str, type[PaymentFailed]] = {
    kind.code: kind
    for kind in (
        PaymentFailed,
        CardDeclined,
        InsufficientFunds,
        ExpiredCard,
        IncorrectCvc,
        AuthenticationFailed,
        ProcessingError,
    )
}


def payment_failure(code: str) -> PaymentFailed:
    """The error for a provider's failure code; an unknown code is a `payment_failed`."""
    kind = _FAILURES.get(code, PaymentFailed)
    return kind("The payment was refused.", field="card")
