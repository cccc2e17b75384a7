"""Couriers as documents, and back."""

from collections.abc import Mapping
from typing import Any

from delivery.documents import Document, point, position_from
from delivery.model import Courier, Fix
from delivery.travel import Vehicle


def fix_document(fix: Fix) -> Document:
    """A position with its times."""
    return {"position": point(fix.position), "accuracy_m": fix.accuracy_m, "at": fix.at, "seen_at": fix.seen_at}


def courier_from(document: Mapping[str, Any], fix: Mapping[str, Any] | None) -> Courier:
    """A courier as the store keeps one, with the position that it keeps apart."""
    return Courier(
        id=document["_id"],
        name=document["name"],
        phone=document["phone"],
        vehicle=Vehicle(document["vehicle"]),
        simulated=document["simulated"],
        online=document["online"],
        fix=Fix(position_from(fix["position"]), fix["accuracy_m"], fix["at"], fix["seen_at"]) if fix else None,
        idle_since=document["idle_since"],
        offer_job_id=document["offer_job_id"],
        job_ids=tuple(document["job_ids"]),
    )
