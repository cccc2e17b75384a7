"""Random histories with faults: no oversell, no lost or double charge, no stuck reservation, the ledger exact."""

from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.orders.machine.shop_machine import ShopMachine

# Not shrunk: a history takes seconds, and the one that was found says enough.
BOUNDED = settings(
    max_examples=8,
    stateful_step_count=25,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture
def machine(mongo_uri: str) -> type[ShopMachine]:
    class Here(ShopMachine):
        pass

    Here.mongo_uri = mongo_uri
    return Here


@pytest.mark.timeout(400)
def test_whatever_happens_nothing_is_lost_or_sold_twice(machine: Any) -> None:
    run_state_machine_as_test(machine, settings=BOUNDED)
