"""Jobs as documents, and back."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from delivery.dispatching.plan import Why
from delivery.documents import Document, point, position_from
from delivery.jobs.lifecycle import FINAL, Status
from delivery.model import (
    FLEET,
    Attempt,
    AttemptState,
    Bearer,
    DropOff,
    Guard,
    Item,
    Job,
    Proof,
    ProofKind,
    Refusal,
    Step,
    StorePoint,
    Terms,
)
from delivery.travel import Vehicle

_TERMS = ("asked_with", "said", "telling", "tried")


def step_document(step: Step) -> Document:
    """One line of history."""
    return {"status": step.status.value, "at": step.at, "by": step.by, "why": step.why}


def bearer_document(bearer: Bearer) -> Document:
    """Who carries."""
    return {
        "courier_id": bearer.courier_id,
        "name": bearer.name,
        "phone": bearer.phone,
        "vehicle": bearer.vehicle.value,
    }


def why_document(why: Why) -> Document:
    """Why this courier."""
    return asdict(why) | {"partners": list(why.partners)}


def why_from(document: Mapping[str, Any]) -> Why:
    """What `why_document` wrote, now or when less was said."""
    return Why(**{**document, "partners": tuple(document.get("partners", ()))})


def guard_document(guard: Guard) -> Document:
    """Wrong tries."""
    return {"tries": guard.tries, "locked_until": guard.locked_until}


def attempt_document(attempt: Attempt) -> Document:
    """One try with one provider."""
    return {
        "number": attempt.number,
        "provider": attempt.provider,
        "key": attempt.key,
        "state": attempt.state.value,
        "asked_at": attempt.asked_at,
        "external_id": attempt.external_id,
        "tracking_url": attempt.tracking_url,
        "hand_over_code": attempt.hand_over_code,
        "called_at": attempt.called_at,
        "wait_until": attempt.wait_until,
        "looked_at": attempt.looked_at,
        "told_at": attempt.told_at,
        "ended_at": attempt.ended_at,
        "why": attempt.why,
        "quoted": attempt.quoted,
        "fee": attempt.fee,
        **{name: asdict(terms) if (terms := getattr(attempt, name)) else None for name in _TERMS},
    }


def proof_document(proof: Proof) -> Document:
    """That the goods were given."""
    return {"kind": proof.kind.value, "at": proof.at, "by": proof.by, "ref": proof.ref}


def job_document(job: Job) -> Document:
    """The whole job."""
    store, drop = job.store, job.drop_off
    return {
        "_id": job.id,
        "order_id": job.order_id,
        "order_number": job.order_number,
        "buyer_id": job.buyer_id,
        "store": {
            "id": store.id,
            "name": store.name,
            "address": store.address,
            "position": point(store.position),
            "phone": store.phone,
        },
        "drop_off": {"position": point(drop.position), "text": drop.text, "name": drop.name, "phone": drop.phone},
        "note": job.note,
        "status": job.status.value,
        "round": job.round,
        "distance_m": job.distance_m,
        "pay": job.pay,
        "created_at": job.created_at,
        "due_at": job.due_at,
        "ready_at": job.ready_at,
        "bearer": bearer_document(job.bearer) if job.bearer else None,
        "offer_expires_at": job.offer_expires_at,
        "why": why_document(job.why) if job.why else None,
        "refusals": [{"courier_id": one.courier_id, "until": one.until} for one in job.refusals],
        "hand_over_code": job.hand_over_code,
        "pin": job.pin,
        "code_guard": guard_document(job.code_guard),
        "pin_guard": guard_document(job.pin_guard),
        "history": [step_document(step) for step in job.history],
        "provider": job.provider,
        "attempt_state": job.attempt.state.value if job.attempts else None,
        "attempts": [attempt_document(attempt) for attempt in job.attempts],
        "turn": job.turn,
        "items": [{"name": item.name, "quantity": item.quantity, "price": item.price} for item in job.items],
        "due_from": job.due_from,
        "eta_at": job.eta_at,
        "bundle_id": job.bundle_id,
        "stop": job.stop,
        "proof": proof_document(job.proof) if job.proof else None,
        "alerted_at": job.alerted_at,
        "leave_at_door": job.leave_at_door,
        "own_only": job.own_only,
        "accepted_at": job.accepted_at,
        "sold_cost": job.sold_cost,
    }


def store_from(store: Mapping[str, Any]) -> StorePoint:
    """Where a job's goods are fetched."""
    return StorePoint(
        store["id"], store["name"], store["address"], position_from(store["position"]), store.get("phone", "")
    )


def job_from(document: Mapping[str, Any]) -> Job:
    """The job that `job_document` wrote, now or before jobs had attempts."""
    store, drop, bearer, why = document["store"], document["drop_off"], document["bearer"], document["why"]
    proof = document.get("proof")
    return Job(
        id=document["_id"],
        order_id=document["order_id"],
        order_number=document["order_number"],
        buyer_id=document["buyer_id"],
        store=store_from(store),
        drop_off=DropOff(position_from(drop["position"]), drop["text"], drop["name"], drop["phone"]),
        note=document["note"],
        status=Status(document["status"]),
        round=document["round"],
        distance_m=document["distance_m"],
        pay=document["pay"],
        created_at=document["created_at"],
        due_at=document["due_at"],
        ready_at=document["ready_at"],
        bearer=Bearer(bearer["courier_id"], bearer["name"], bearer["phone"], Vehicle(bearer["vehicle"]))
        if bearer
        else None,
        offer_expires_at=document["offer_expires_at"],
        why=why_from(why) if why else None,
        refusals=tuple(Refusal(**one) for one in document["refusals"]),
        hand_over_code=document["hand_over_code"],
        pin=document["pin"],
        code_guard=Guard(**document["code_guard"]),
        pin_guard=Guard(**document["pin_guard"]),
        history=tuple(
            Step(Status(step["status"]), step["at"], step["by"], step["why"]) for step in document["history"]
        ),
        attempts=_attempts(document),
        turn=document.get("turn", 0),
        items=tuple(Item(**item) for item in document.get("items", ())),
        due_from=document.get("due_from"),
        eta_at=document.get("eta_at"),
        bundle_id=document.get("bundle_id"),
        stop=document.get("stop", 0),
        proof=Proof(ProofKind(proof["kind"]), proof["at"], proof["by"], proof["ref"]) if proof else None,
        alerted_at=document.get("alerted_at"),
        leave_at_door=document.get("leave_at_door", False),
        own_only=document.get("own_only", False),
        # Jobs of before had their providers asked at once.
        accepted_at=document.get("accepted_at", document["created_at"]),
        sold_cost=document.get("sold_cost"),
    )


def _attempts(document: Mapping[str, Any]) -> tuple[Attempt, ...]:
    if "attempts" not in document:  # written before there were other providers
        state = AttemptState.DONE if Status(document["status"]) in FINAL else AttemptState.PLACED
        key = f"{document['_id']}-1"
        return (Attempt(1, FLEET, key, state, document["created_at"], external_id=key),)
    return tuple(_attempt(one) for one in document["attempts"])


def _attempt(document: Mapping[str, Any]) -> Attempt:
    terms = {name: Terms(**one) for name in _TERMS if (one := document.get(name))}
    return Attempt(**{**document, **terms, "state": AttemptState(document["state"])})
