"""What a provider's word means for a job: pure.

A status only moves a job forward. What would move it back is nothing (it is old news), with two exceptions before the
goods have left the store, both of which open a new round: the courier gave the job back, or another courier has it.
"""

from delivery.jobs.lifecycle import RANK, TABLE, Action, Status
from delivery.model import Job
from delivery.providers.provider import OutsideCourier

BEFORE = frozenset({Status.SEARCHING, Status.ACCEPTED, Status.AT_STORE})
COMING = frozenset({Status.ACCEPTED, Status.AT_STORE})
# From `accepted` on, how a job gets to each status.
_ON: dict[Status, tuple[Action, ...]] = {
    Status.ACCEPTED: (),
    Status.AT_STORE: (Action.REACH_STORE,),
    Status.COLLECTED: (Action.COLLECT,),
    Status.ARRIVING: (Action.COLLECT, Action.REACH_DOOR),
    Status.DELIVERED: (Action.COLLECT, Action.DELIVER),
    Status.RETURNING: (Action.COLLECT, Action.TURN_BACK),
    Status.RETURNED: (Action.COLLECT, Action.TURN_BACK, Action.BRING_BACK),
}


def way(job: Job, status: Status, courier: OutsideCourier | None) -> tuple[Action, ...] | None:
    """The actions that bring `job` to what the provider says; () when it is there, None when there is no way forward.

    `CANCELLED` is the end of the attempt: before collection the job searches on, after it the goods must come back.
    """
    if job.status in BEFORE:
        return _before(job, status, courier)
    if status is Status.CANCELLED:
        status = Status.RETURNING
    if status is job.status:
        return ()
    if RANK[status] < RANK[job.status]:
        return None
    wanted = tuple(action for action in _ON[status] if action is not Action.COLLECT)
    if job.status is Status.RETURNING:
        wanted = tuple(action for action in wanted if action is not Action.TURN_BACK)
    return wanted if _fits(job.status, wanted) else None


def _before(job: Job, status: Status, courier: OutsideCourier | None) -> tuple[Action, ...] | None:
    waits = job.status is Status.SEARCHING
    if status is Status.CANCELLED:
        return (Action.HAND_ON,) if waits else (Action.RELEASE,)
    if status is Status.SEARCHING:
        return () if waits else (Action.RELEASE,)
    anew = (Action.ASSIGN,) if waits else (Action.RELEASE, Action.ASSIGN) if other(job, courier) else ()
    if anew:
        return (*anew, *_ON[status])
    if status is job.status:
        return ()
    return _ON[status] if RANK[status] > RANK[job.status] else None


def other(job: Job, courier: OutsideCourier | None) -> bool:
    """Whether it is not the courier whom we know of."""
    known = job.courier_id
    return courier is not None and known is not None and known not in {bearer_id(job, courier), nameless_id(job)}


def bearer_id(job: Job, courier: OutsideCourier | None) -> str:
    """How a courier of another provider is called in our house."""
    return f"{job.provider}:{courier.id}" if courier and courier.id else nameless_id(job)


def nameless_id(job: Job) -> str:
    """A courier of whom the provider has said nothing yet."""
    return f"{job.provider}:{job.attempt.key}"


def _fits(status: Status, actions: tuple[Action, ...]) -> bool:
    for action in actions:
        if status not in TABLE[action].sources:
            return False
        status = TABLE[action].target
    return True


def doubtful(job: Job, status: Status | None, courier: OutsideCourier | None) -> str:
    """Why the provider is asked before its message is believed; empty when there is no reason."""
    if status is None:
        return "unknown status"
    if other(job, courier) and job.status not in {Status.DELIVERED, Status.RETURNED, Status.CANCELLED}:
        return "another courier"
    actions = way(job, status, courier)
    if not actions:
        return ""  # nothing would change
    if status in {Status.DELIVERED, Status.RETURNING, Status.RETURNED, Status.CANCELLED}:
        return "an end"
    if Action.RELEASE in actions:
        return "a step back"
    return "a gap" if len(actions) > 1 else ""
