"""What the API and the topics say of a delivery to its buyer: tracking, messages, ratings."""

from datetime import datetime

from pydantic import BaseModel

from delivery.contact.model import Author, Line, Message, Quick, Rating, Standing, Tag
from delivery.jobs.lifecycle import FINAL, Status
from delivery.jobs.terms import Told
from delivery.model import FLEET, Part, Proof, ProofKind
from delivery.tracking.model import Promise, Reason, Tracking
from delivery.travel import Vehicle
from live.shows.views import PositionView


class OnTheWayView(BaseModel):
    """Who brings an order; `phone_hint` is the end of the number that may call."""

    name: str
    vehicle: Vehicle
    phone_hint: str | None


class StepView(BaseModel):
    """When a delivery reached a status."""

    status: Status
    at: datetime


class OutsideView(BaseModel):
    """Another provider that brings it, and its own page, where there is one."""

    name: str
    tracking_url: str | None


class PromiseChangeView(BaseModel):
    """Another window that the buyer was told; its end moved by `by_s` (positive: later)."""

    at: datetime
    starts_at: datetime
    ends_at: datetime
    by_s: int
    reason: Reason


class PromiseView(BaseModel):
    """The window that holds, the one of the checkout, and all that was told between, oldest first."""

    starts_at: datetime
    ends_at: datetime
    first_starts_at: datetime
    first_ends_at: datetime
    late_s: int
    changes: list[PromiseChangeView]


class ProofView(BaseModel):
    """How it was shown that the goods were given. `url`: a picture of ours, or a page or picture of the provider's."""

    kind: ProofKind
    at: datetime
    url: str | None


class WishView(BaseModel):
    """Something that was changed after `provider` had been asked, and whether its courier has been told."""

    part: Part
    told: Told
    provider: str


class LineView(BaseModel):
    """Whether buyer and courier can write to each other, till when, and a `tel:` link that connects them."""

    open: bool
    until: datetime | None
    call: str | None


class RatingView(BaseModel):
    """What the buyer thought of the delivery."""

    stars: int
    tags: list[Tag]
    text: str
    at: datetime


class TrackingView(BaseModel):
    """A delivery as its buyer sees it.

    `changeable`: what whoever brings it can still be told of.
    For anybody else `pin`, `contact`, `rating` and `rate_until` are null; `pin` is so too when the delivery is over.
    """

    job_id: str
    status: Status
    courier: OnTheWayView | None
    provider: OutsideView | None
    courier_position: PositionView | None
    courier_at: datetime | None
    eta_at: datetime | None
    promise: PromiseView
    stops_before: int
    store_position: PositionView
    drop_off: PositionView
    pin: str | None
    leave_at_door: bool
    changeable: list[Part]
    wishes: list[WishView]
    proof: ProofView | None
    contact: LineView | None
    rating: RatingView | None
    rate_until: datetime | None
    steps: list[StepView]


class MessageView(BaseModel):
    """A message between buyer and courier. `quick` is a phrase that each side reads in the own language.

    `name` is the courier's first name, null for the buyer's messages.
    """

    id: str
    order_id: str
    job_id: str
    author: Author
    name: str | None
    text: str
    quick: Quick | None
    at: datetime


class ConversationView(LineView):
    """All messages, oldest first."""

    items: list[MessageView]


class RatedDeliveryView(RatingView):
    """A rating with what it is about."""

    order_id: str


class StandingView(BaseModel):
    """What buyers thought of a courier; `average` is null without any rating. `stars` and `tags` count them."""

    courier_id: str
    count: int
    average: float | None
    stars: dict[str, int]
    tags: dict[Tag, int]
    latest: list[RatedDeliveryView]


def tracking_view(tracking: Tracking, *, with_pin: bool, relay: str = "") -> TrackingView:
    """`with_pin` only for the buyer, who alone gets what is between buyer and courier; `relay` as in the settings."""
    carrier, rating = tracking.carrier, tracking.rating
    outside = carrier is not None and carrier.provider != FLEET
    return TrackingView(
        job_id=tracking.job_id,
        status=tracking.status,
        courier=OnTheWayView(name=carrier.name, vehicle=carrier.vehicle, phone_hint=carrier.phone_hint)
        if carrier
        else None,
        provider=OutsideView(name=carrier.provider, tracking_url=carrier.tracking_url) if carrier and outside else None,
        courier_position=PositionView.of(tracking.courier_position) if tracking.courier_position else None,
        courier_at=tracking.courier_at,
        eta_at=tracking.eta_at,
        promise=_promise(tracking.promise),
        stops_before=tracking.stops_before,
        store_position=PositionView.of(tracking.store_position),
        drop_off=PositionView.of(tracking.drop_off),
        pin=tracking.pin if with_pin and tracking.status not in FINAL else None,
        leave_at_door=tracking.leave_at_door,
        changeable=sorted(tracking.changeable),
        wishes=[WishView(part=one.part, told=one.told, provider=one.provider) for one in tracking.wishes],
        proof=_proof(tracking.proof, tracking.order_id) if tracking.proof else None,
        contact=_line(tracking.line, tracking.order_number, relay) if with_pin else None,
        rating=_rating(rating) if rating and with_pin else None,
        rate_until=tracking.rate_until if with_pin else None,
        steps=_steps(tracking),
    )


def message_view(message: Message) -> MessageView:
    """For both sides."""
    return MessageView(
        id=message.id,
        order_id=message.order_id,
        job_id=message.job_id,
        author=message.author,
        name=message.courier_name if message.author is Author.COURIER else None,
        text=message.text,
        quick=message.quick,
        at=message.at,
    )


def conversation_view(messages: tuple[Message, ...], line: Line, order_number: str, relay: str) -> ConversationView:
    """With how to call."""
    at = _line(line, order_number, relay)
    return ConversationView(
        open=at.open, until=at.until, call=at.call, items=[message_view(message) for message in messages]
    )


def standing_view(standing: Standing) -> StandingView:
    """For the desk."""
    return StandingView(
        courier_id=standing.courier_id,
        count=standing.count,
        average=None if standing.average is None else round(standing.average, 2),
        stars={str(number): count for number, count in standing.stars.items()},
        tags=standing.tags,
        latest=[RatedDeliveryView(order_id=one.order_id, **_rating(one).model_dump()) for one in standing.latest],
    )


def call_link(relay: str, order_number: str) -> str | None:
    """What to dial to be connected to the other side; None without a relay. `{order}` becomes the order's digits."""
    if not relay:
        return None
    digits = "".join(sign for sign in order_number if sign.isascii() and sign.isdigit())
    return f"tel:{relay.replace('{order}', digits)}"


def _line(line: Line, order_number: str, relay: str) -> LineView:
    return LineView(open=line.open, until=line.until, call=call_link(relay, order_number) if line.open else None)


def _promise(promise: Promise) -> PromiseView:
    return PromiseView(
        starts_at=promise.window.start,
        ends_at=promise.window.end,
        first_starts_at=promise.first.start,
        first_ends_at=promise.first.end,
        late_s=promise.late_s,
        changes=[
            PromiseChangeView(
                at=one.at, starts_at=one.window.start, ends_at=one.window.end, by_s=one.by_s, reason=one.reason
            )
            for one in promise.changes
        ],
    )


def _proof(proof: Proof, order_id: str) -> ProofView:
    photo = f"/api/orders/{order_id}/photo" if proof.kept else None
    return ProofView(kind=proof.kind, at=proof.at, url=proof.link or photo)


def _rating(rating: Rating) -> RatingView:
    return RatingView(stars=rating.stars, tags=list(rating.tags), text=rating.text, at=rating.at)


def _steps(tracking: Tracking) -> list[StepView]:
    """How the present search went: the buyer need not read of couriers who declined before."""
    steps = tracking.steps
    last = max((at for at, step in enumerate(steps) if step.status is Status.SEARCHING), default=0)
    kept = (steps[0], *steps[last + 1 :]) if steps else ()
    return [StepView(status=step.status, at=step.at) for step in kept]
