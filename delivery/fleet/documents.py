"""Couriers as documents, and back."""

from collections.abc import Mapping
from typing import Any

from delivery.documents import Document, point, position_from
from delivery.fleet.days.model import Ridden
from delivery.fleet.model import Courier, Fix, Hint, Shift
from delivery.travel import Vehicle


def fix_document(fix: Fix) -> Document:
    """A position with its times."""
    return {
        "position": point(fix.position),
        "accuracy_m": fix.accuracy_m,
        "at": fix.at,
        "seen_at": fix.seen_at,
        "anchor": point(fix.anchor) if fix.anchor else None,
        "way": [_ridden_document(one) for one in fix.way],
    }


def fix_from(document: Mapping[str, Any]) -> Fix:
    """What `fix_document` wrote."""
    anchor = document.get("anchor")
    return Fix(
        position_from(document["position"]),
        document["accuracy_m"],
        document["at"],
        document["seen_at"],
        position_from(anchor) if anchor else None,
        tuple(_ridden_from(one) for one in document.get("way", ())),
    )


def _ridden_document(one: Ridden) -> Document:
    lon, lat = one.position
    return {"at": one.at, "seen_at": one.seen_at, "lon": lon, "lat": lat, "metres": one.metres, "line": one.line}


def _ridden_from(document: Mapping[str, Any]) -> Ridden:
    position = (document["lon"], document["lat"])
    return Ridden(document["at"], document["seen_at"], position, document["metres"], document["line"])


def courier_from(document: Mapping[str, Any], fix: Mapping[str, Any] | None) -> Courier:
    """A courier as the store keeps one, with the position that it keeps apart."""
    return Courier(
        id=document["_id"],
        name=document["name"],
        phone=document["phone"],
        vehicle=Vehicle(document["vehicle"]),
        capacity=document["capacity"],
        simulated=document["simulated"],
        consent_at=document["consent_at"],
        online=document["online"],
        online_since=document["online_since"],
        fix=fix_from(fix) if fix else None,
        idle_since=document["idle_since"],
        offer_job_ids=tuple(document["offer_job_ids"]),
        job_ids=tuple(document["job_ids"]),
    )


def hint_document(hint: Hint) -> Document:
    """Where to wait, and why."""
    return {
        "position": point(hint.position),
        "store_id": hint.store_id,
        "store_name": hint.store_name,
        "reason": hint.reason,
        "travel_s": hint.travel_s,
        "until": hint.until,
    }


def hint_from(document: Mapping[str, Any]) -> Hint:
    """What `hint_document` wrote."""
    return Hint(
        position_from(document["position"]),
        document["store_id"],
        document["store_name"],
        document["reason"],
        document["travel_s"],
        document["until"],
    )


def shift_document(shift: Shift) -> Document:
    """One planned stretch of work."""
    return {
        "_id": shift.id,
        "courier_id": shift.courier_id,
        "starts_at": shift.starts_at,
        "ends_at": shift.ends_at,
        "by": shift.by,
        "place": shift.place,
        "cannot_at": shift.cannot_at,
        "cannot_why": shift.cannot_why,
    }


def shift_from(document: Mapping[str, Any]) -> Shift:
    """What `shift_document` wrote."""
    return Shift(
        document["_id"],
        document["courier_id"],
        document["starts_at"],
        document["ends_at"],
        document["by"],
        document.get("place", ""),
        document.get("cannot_at"),
        document.get("cannot_why", ""),
    )
