"""Whose promise was sold is asked first, if orders may go there at all."""

from dataclasses import replace
from typing import Any

import pytest
from motor.motor_asyncio import AsyncIOMotorDatabase

from delivery.model import DropOff, JobRequest
from delivery.settings import DeliverySettings
from tests.delivery.conftest import DOOR, STORE, open_town

Database = AsyncIOMotorDatabase[dict[str, Any]]
REQUEST = JobRequest("ord_1", "usr_buyer", STORE, DropOff(DOOR, "Flat 3, 8 Anfu Road", "Mei Lin", "13800001234"))


@pytest.mark.parametrize(
    ("sold", "own_only", "asked"),
    [("uber", False, "uber"), ("", False, "fleet"), ("dada", False, "fleet"), ("uber", True, "fleet")],
)
async def test_who_is_asked_first(database: Database, sold: str, asked: str, *, own_only: bool) -> None:
    town = await open_town(database, replace(DeliverySettings(), providers=("fleet", "uber")))
    job = await town.delivery.jobs.request(replace(REQUEST, provider=sold, own_only=own_only))
    assert [one.provider for one in job.attempts] == [asked]
