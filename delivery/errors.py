"""What delivery refuses. Each error has a stable `code`; the server maps classes to HTTP statuses."""

from datetime import datetime
from typing import ClassVar


class DeliveryError(Exception):
    """Root of the package's errors."""

    code: ClassVar[str] = "delivery_error"


class JobUnknown(DeliveryError):
    """No such job, or none that this courier may touch."""

    code = "not_found"


class CourierUnknown(DeliveryError):
    """Nobody registered this courier."""

    code = "not_found"


class NotServed(DeliveryError):
    """Nobody brings anything on this way now: said before anything is paid."""


class OutOfRange(NotServed):
    """The drop-off is further from the store than we deliver. Distances in metres."""

    code = "out_of_range"

    def __init__(self, distance_m: int, limit_m: int) -> None:
        super().__init__(f"The drop-off is {distance_m} m from the store; the limit is {limit_m} m.")
        self.distance_m = distance_m
        self.limit_m = limit_m


class NoCourier(NotServed):
    """No courier of ours is online nearby, and nobody else brings it."""

    code = "no_courier"


class CouriersBusy(NotServed):
    """There is more to bring nearby than can be promised. `retry_after` is in whole seconds."""

    code = "couriers_busy"

    def __init__(self, wait_s: float, retry_after: int) -> None:
        super().__init__(f"A courier would be free in {round(wait_s / 60)} minutes only.")
        self.retry_after = retry_after


class AreaPaused(NotServed):
    """Operators have paused delivery there. `until`: aware UTC, None if nobody knows."""

    code = "area_paused"

    def __init__(self, until: datetime | None = None) -> None:
        super().__init__("Delivery is paused in this area.")
        self.until = until


class WrongStatus(DeliveryError):
    """The job's status does not allow this (any more)."""

    code = "wrong_status"

    def __init__(self, status: str, action: str) -> None:
        super().__init__(f"A job that is {status} cannot {action}.")
        self.status = status


class OfferGone(DeliveryError):
    """The offer was withdrawn, has expired or was never this courier's."""

    code = "offer_gone"


class WrongCode(DeliveryError):
    """The hand-over code is not the job's. `left` tries remain before the lock."""

    code = "wrong_code"

    def __init__(self, left: int) -> None:
        super().__init__(f"Wrong code; {left} tries left.")
        self.left = left


class WrongPin(WrongCode):
    """The buyer's PIN is not the job's."""

    code = "wrong_pin"


class PinNeeded(DeliveryError):
    """The buyer did not ask for the goods to be left at the door: a photo of them does not do."""

    code = "pin_needed"


class CodeNeeded(DeliveryError):
    """This courier has a code to show; the name alone will not do."""

    code = "code_needed"


class CodeLocked(DeliveryError):
    """Too many wrong tries. `retry_after` is in whole seconds."""

    code = "code_locked"

    def __init__(self, retry_after: int) -> None:
        super().__init__(f"Too many wrong tries; wait {retry_after} s.")
        self.retry_after = retry_after


class HasJobs(DeliveryError):
    """A courier with a job in hand cannot go offline."""

    code = "has_jobs"


class ConsentNeeded(DeliveryError):
    """A courier who has not agreed to be seen while online cannot go online."""

    code = "consent_needed"


class NoShift(DeliveryError):
    """Couriers work in their shifts here, and this one has none now."""

    code = "no_shift"


class ShiftUnknown(DeliveryError):
    """No such shift."""

    code = "not_found"


class ShiftOverlaps(DeliveryError):
    """The courier has another shift at that time."""

    code = "shift_overlaps"


class ShiftTaken(DeliveryError):
    """Another courier was faster."""

    code = "shift_taken"


class ShiftInvalid(DeliveryError):
    """A shift that cannot be. `field` names the member."""

    code = "invalid_shift"

    def __init__(self, field: str, why: str) -> None:
        super().__init__(why)
        self.field = field


class AreaInvalid(DeliveryError):
    """An area that cannot be paused. `field` names the member."""

    code = "invalid_area"

    def __init__(self, field: str, why: str) -> None:
        super().__init__(why)
        self.field = field


class AreaUnknown(DeliveryError):
    """No such area is paused."""

    code = "not_found"


class CarriedOutside(DeliveryError):
    """Another house brings it: our own fleet can be given it once that house has let go."""

    code = "carried_outside"


class CourierTaken(DeliveryError):
    """The courier is offline, has been asked for something else, or carries as much as fits."""

    code = "courier_not_free"


class BadPosition(DeliveryError):
    """A position that cannot be. `field` names the part: position, accuracy_m or at."""

    code = "invalid_position"

    def __init__(self, field: str, why: str) -> None:
        super().__init__(why)
        self.field = field


class ContactClosed(DeliveryError):
    """Buyer and courier cannot write to each other: nobody carries the order, or it has been over for a while."""

    code = "contact_closed"


class InvalidMessage(DeliveryError):
    """A message that says nothing, or two things. `field` names the member."""

    code = "invalid_message"

    def __init__(self, field: str, why: str) -> None:
        super().__init__(why)
        self.field = field


class AlreadyRated(DeliveryError):
    """The buyer has said what he thought of this delivery."""

    code = "already_rated"


class RatingClosed(DeliveryError):
    """Nothing was delivered, or too long ago, to be rated."""

    code = "rating_closed"


class Contended(DeliveryError):
    """The document changed under us again and again; trying once more later is right."""

    code = "contended"


class Unreachable(DeliveryError):
    """Another house gave no answer. `maybe_done` unless it certainly never saw the request."""

    code = "unavailable"

    def __init__(self, why: str, *, maybe_done: bool) -> None:
        super().__init__(why)
        self.maybe_done = maybe_done


class ProviderBusy(DeliveryError):
    """A provider asks us to come later (429 or 503 with Retry-After; whole seconds). Nothing was done."""

    code = "unavailable"

    def __init__(self, retry_after: int) -> None:
        super().__init__(f"The provider asks to wait {retry_after} s.")
        self.retry_after = retry_after


class ProviderFault(DeliveryError):
    """A provider's answer is none that its documents describe, or says that the fault is ours."""

    code = "unavailable"


class ProviderUnknown(DeliveryError):
    """No provider of this name is set up."""

    code = "not_found"


class Forged(DeliveryError):
    """A message that claims to come from a provider, and does not prove it."""

    code = "bad_signature"
