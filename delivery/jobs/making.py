"""A job as it begins."""

from datetime import datetime, timedelta

from delivery.codes import make_code
from delivery.documents import stored
from delivery.ids import new_id
from delivery.jobs.attempts import begun
from delivery.jobs.lifecycle import Status
from delivery.model import FLEET, Guard, Job, JobRequest, Step
from delivery.quotes.fee import by_distance
from delivery.quotes.model import DeliveryQuote
from delivery.settings import DeliverySettings


def new_job(request: JobRequest, quote: DeliveryQuote, settings: DeliverySettings, now: datetime) -> Job:
    """Searched for, with its first attempt; `quote` is for what the request leaves open."""
    job_id = new_id("job")
    return Job(
        id=job_id,
        order_id=request.order_id,
        order_number=request.order_number,
        buyer_id=request.buyer_id,
        store=request.store,
        drop_off=request.drop_off,
        note=request.note,
        status=Status.SEARCHING,
        round=0,
        distance_m=quote.distance_m,
        pay=by_distance(settings.pay_base, settings.pay_per_km, quote.distance_m),
        created_at=now,
        due_at=stored(request.due_at or now + timedelta(minutes=quote.minutes_to)),
        ready_at=None,
        bearer=None,
        offer_expires_at=None,
        why=None,
        refusals=(),
        hand_over_code=make_code(),
        pin=make_code(),
        code_guard=Guard(),
        pin_guard=Guard(),
        history=(Step(Status.SEARCHING, now, request.buyer_id),),
        attempts=(begun(job_id, 1, _first(request, settings), now),),
        items=request.items,
        own_only=request.own_only,
        due_from=stored(request.due_from) if request.due_from else None,
        leave_at_door=request.leave_at_door,
        accepted_at=now if request.accepted else None,
        sold_cost=request.cost,
    )


def _first(request: JobRequest, settings: DeliverySettings) -> str:
    """Who is asked first: whose promise was sold, if orders may go there."""
    providers = (FLEET,) if request.own_only else settings.providers
    return request.provider if request.provider in providers else providers[0]
