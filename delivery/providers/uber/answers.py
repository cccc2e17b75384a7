"""What Uber's answers and webhooks say, in our words."""

from typing import Final

from delivery.jobs.lifecycle import Status
from delivery.providers.fields import Fields
from delivery.providers.handover import hand_over_code
from delivery.providers.provider import Delivery, OutsideCourier
from delivery.travel import Vehicle

#: With "imminent" the courier is a minute away: nobody says when one stands at the counter.
STATUSES: Final[dict[str, Status]] = {
    "pending": Status.SEARCHING,
    "pickup": Status.ACCEPTED,
    "pickup imminent": Status.ACCEPTED,
    "pickup_complete": Status.COLLECTED,
    "dropoff": Status.COLLECTED,
    "dropoff imminent": Status.ARRIVING,
    "delivered": Status.DELIVERED,
    "canceled": Status.CANCELLED,
    "returned": Status.RETURNING,  # a second delivery, `ret_…`, brings them back; see `homecoming`
}
VEHICLES: Final = {
    "bicycle": Vehicle.BICYCLE,
    "car": Vehicle.CAR,
    "van": Vehicle.CAR,
    "truck": Vehicle.CAR,
    "scooter": Vehicle.SCOOTER,
    "motorcycle": Vehicle.SCOOTER,
    "walker": Vehicle.FOOT,
}
RETURN: Final = "ret_"


def raw_status(delivery: Fields) -> str:
    """Uber's word, with what it says beside it about how near the courier is."""
    word = delivery.text("status")
    return f"{word} imminent" if delivery.flag("courier_imminent") and word in {"pickup", "dropoff"} else word


def status_of(delivery: Fields) -> Status | None:
    """Of a delivery, or of the way back (`ret_…`): its drop-off is our counter."""
    raw = raw_status(delivery)
    if delivery.text("id").startswith(RETURN):
        return Status.RETURNED if raw == "delivered" else Status.RETURNING
    if raw == "returned" and delivery.fields("return").text("status") == "completed":
        return Status.RETURNED
    return STATUSES.get(raw)


def related(delivery: Fields, *, back: bool) -> str | None:
    """The id of the way back, or (of a way back) of the way there."""
    for other in delivery.each("related_deliveries"):
        found = other.text("id")
        if found and found.startswith(RETURN) is back:
            return found
    return None


def courier_of(delivery: Fields) -> OutsideCourier | None:
    """Uber masks the number, and lets the buyer's own number call it alone."""
    courier = delivery.fields("courier")
    name, phone = courier.text("name"), courier.text("phone_number")
    if not name:
        return None
    return OutsideCourier(phone or name, name, phone, VEHICLES.get(courier.text("vehicle_type"), Vehicle.CAR))


def delivery_of(said: Fields) -> Delivery:
    """A delivery as create, get, list, update and cancel answer it."""
    key = said.text("external_id") or None
    pincode = said.fields("dropoff").fields("verification_requirements").fields("pincode")
    return Delivery(
        id=said.text("id"),
        status=status_of(said),
        raw=raw_status(said),
        key=key,
        courier=courier_of(said),
        position=said.fields("courier").fields("location").position("lat", "lng"),
        tracking_url=said.text("tracking_url") or None,
        eta_at=said.moment("dropoff_eta"),
        hand_over_code=hand_over_code(key) if key else None,
        fee=said.whole("fee"),
        why=said.text("undeliverable_reason"),
        at=said.moment("updated"),
        pin=pincode.text("value") or None,
    )
