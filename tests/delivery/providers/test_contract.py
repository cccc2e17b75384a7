"""The contract, for each of the three who carry: our own fleet, Uber Direct, Dada."""

import re
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from delivery.errors import Forged
from delivery.jobs.lifecycle import RANK, Status
from delivery.model import Part, ProofKind
from delivery.providers.fleet import FleetProvider
from delivery.providers.provider import Delivery, ProviderQuote, Refused
from live.fleet.outgoing import Outgoing
from tests.delivery.conftest import Database, open_town
from tests.delivery.providers.bench import Bench, changed, now
from tests.delivery.providers.dada_house import DadaHouse
from tests.delivery.providers.outside import DadaBench, UberBench
from tests.delivery.providers.own import FleetBench
from tests.delivery.providers.uber_house import UberHouse


@pytest.fixture(params=["fleet", "uber", "dada"])
async def bench(request: pytest.FixtureRequest, http: Outgoing, database: Database) -> AsyncIterator[Bench]:
    if request.param == "uber":
        async with UberHouse() as uber_house:
            yield UberBench(uber_house, http)
    elif request.param == "dada":
        async with DadaHouse() as dada_house:
            yield DadaBench(dada_house, http)
    else:
        town = await open_town(database)
        (fleet,) = (one for one in carriers(town.delivery) if isinstance(one, FleetProvider))
        yield FleetBench(town, fleet)


def carriers(delivery: Any) -> list[Any]:
    """Those whom a delivery service asks."""
    return list(delivery.handing._providers.values())


CHANGES: dict[Part, Any] = {
    Part.NOTE: "The blue door",
    Part.PHONE: "13800009999",
    Part.LEAVE_AT_DOOR: True,
    Part.READY_AT: now() + timedelta(minutes=20),
}


async def created(bench: Bench, number: int = 1) -> tuple[Delivery, str]:
    """And its key."""
    task = await bench.task(number)
    key = f"{task.job_id}-1"
    made = await bench.provider.create(task, key)
    assert isinstance(made, Delivery)
    return made, key


def test_it_has_a_name_that_fits_a_path(bench: Bench) -> None:
    assert re.fullmatch(r"[a-z][a-z0-9]*", bench.provider.name)


async def test_a_quote_says_what_and_when_and_makes_nothing(bench: Bench) -> None:
    task = await bench.task(1)
    before = bench.created
    for _ in range(2):
        quoted = await bench.provider.quote(task)
        assert isinstance(quoted, ProviderQuote)
        assert (quoted.provider, quoted.currency) == (bench.provider.name, "CNY")
        assert quoted.fee > 0
        assert quoted.pickup_at <= quoted.drop_off_at
    assert bench.created == before


async def test_what_is_created_is_there_and_searching(bench: Bench) -> None:
    made, key = await created(bench)
    assert (made.status, made.key, made.courier) == (Status.SEARCHING, key, None)
    for known in (await bench.provider.get(made.id), await bench.provider.find(key)):
        assert known is not None
        assert (known.id, known.key, known.status) == (made.id, key, Status.SEARCHING)


async def test_a_key_is_good_for_one_delivery(bench: Bench) -> None:
    task = await bench.task(1)
    made = [await bench.provider.create(task, f"{task.job_id}-1") for _ in range(3)]
    assert all(isinstance(one, Delivery) for one in made)
    assert len({one.id for one in made if isinstance(one, Delivery)}) == 1
    assert bench.created == 1


async def test_what_was_never_created_is_not_there(bench: Bench) -> None:
    await created(bench)
    assert await bench.provider.get("job_9-1") is None
    assert await bench.provider.find("job_9-1") is None
    assert await bench.provider.proof("job_9-1") is None
    assert isinstance(await bench.provider.cancel("job_9-1", "why"), Refused)


async def test_a_life_goes_forward_and_is_told_step_by_step(bench: Bench) -> None:
    made, key = await created(bench)
    ranks: list[int] = []
    for status in bench.steps:
        await bench.move(made.id, status)
        known = await bench.provider.get(made.id)
        assert known is not None
        assert (known.status, known.key) == (status, key)
        if status not in {Status.SEARCHING, Status.DELIVERED}:
            assert known.courier is not None
            assert known.courier.name
        ranks.append(RANK[status])
    assert ranks == sorted(set(ranks))


async def test_a_code_proves_that_it_was_given(bench: Bench) -> None:
    made, _ = await created(bench)
    for status in bench.steps[:-1]:
        await bench.move(made.id, status)
    assert await bench.provider.proof(made.id) is None
    known = await bench.provider.get(made.id)
    assert known is not None
    assert known.pin
    await bench.move(made.id, Status.DELIVERED)
    proof = await bench.provider.proof(made.id)
    assert proof is not None
    assert proof.kind is ProofKind.PIN


async def test_it_is_called_off_once_and_for_all(bench: Bench) -> None:
    made, key = await created(bench)
    for _ in range(3):
        cancelled = await bench.provider.cancel(made.id, "The buyer called it off")
        assert isinstance(cancelled, Delivery)
        assert cancelled.status is Status.CANCELLED
    found = await bench.provider.find(key)
    assert found is not None
    assert found.status is Status.CANCELLED


async def test_it_goes_on_when_it_is_too_late_to_call_it_off(bench: Bench) -> None:
    made, _ = await created(bench)
    for status in (Status.ACCEPTED, Status.COLLECTED):
        await bench.move(made.id, status)
    for _ in range(2):
        assert isinstance(await bench.provider.cancel(made.id, "Too late"), Refused)
    known = await bench.provider.get(made.id)
    assert known is not None
    assert known.status is Status.COLLECTED


async def test_a_change_is_made_or_refused_and_harms_nothing(bench: Bench) -> None:
    made, _ = await created(bench)
    task = await bench.task(1)
    for part, value in CHANGES.items():
        change = changed(part, of=task, **{part.value: value})
        for _ in range(2):
            answer = await bench.provider.update(made.id, change)
            assert isinstance(answer, Delivery if part in bench.provider.takes else Refused)
    known = await bench.provider.get(made.id)
    assert known is not None
    assert known.status is Status.SEARCHING
    assert isinstance(await bench.provider.update("job_9-1", change), Refused)


@pytest.mark.parametrize("body", [b"", b"{}", b'{"status": "delivered"}', b"\xff"])
def test_what_nobody_signed_is_forged(bench: Bench, body: bytes) -> None:
    with pytest.raises(Forged):
        bench.provider.verify({}, body, now())
