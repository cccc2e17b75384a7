from collections.abc import AsyncIterator

import pytest

from live.fleet.outgoing import Outgoing
from tests.delivery.providers.bench import OutsideBench
from tests.delivery.providers.dada_house import DadaHouse
from tests.delivery.providers.outside import DadaBench, UberBench
from tests.delivery.providers.uber_house import UberHouse


@pytest.fixture
async def http() -> AsyncIterator[Outgoing]:
    async with Outgoing.open() as way:
        yield way


@pytest.fixture
async def uber(http: Outgoing) -> AsyncIterator[UberBench]:
    async with UberHouse() as house:
        yield UberBench(house, http)


@pytest.fixture
async def dada(http: Outgoing) -> AsyncIterator[DadaBench]:
    async with DadaHouse() as house:
        yield DadaBench(house, http)


@pytest.fixture(params=["uber", "dada"])
async def outside(request: pytest.FixtureRequest, http: Outgoing) -> AsyncIterator[OutsideBench]:
    if request.param == "uber":
        async with UberHouse() as uber_house:
            yield UberBench(uber_house, http)
    else:
        async with DadaHouse() as dada_house:
            yield DadaBench(dada_house, http)
