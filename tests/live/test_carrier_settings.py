"""Accounts at other houses: whole or not at all, and no house is asked without one."""

from pathlib import Path

import pytest

from live.fleet.carriers import open_carriers
from live.fleet.outgoing import Outgoing
from live.launch.errors import SettingsError
from live.services import now
from live.settings import Settings, read_settings

UBER = {
    "NEARLIVE_UBER_CUSTOMER_ID": "cus_1",
    "NEARLIVE_UBER_CLIENT_ID": "client",
    "NEARLIVE_UBER_CLIENT_SECRET": "hunter2",
    "NEARLIVE_UBER_WEBHOOK_KEYS": "one, two",
}
DADA = {
    "NEARLIVE_DADA_APP_KEY": "key",
    "NEARLIVE_DADA_APP_SECRET": "hunter3",
    "NEARLIVE_DADA_SOURCE_ID": "73753",
    "NEARLIVE_DADA_SHOPS": "sto_1=11047059, sto_2=7",
    "NEARLIVE_PUBLIC_URL": "https://shop.example.com",
}


async def names(settings: Settings) -> list[str]:
    async with Outgoing.open() as outgoing:
        return [carrier.name for carrier in open_carriers(settings, outgoing, now)]


async def test_nobody_is_asked_without_an_account(tmp_path: Path) -> None:
    assert await names(read_settings({}, data=tmp_path)) == []


async def test_accounts_are_read_and_survive_the_way_to_a_child(tmp_path: Path) -> None:
    settings = read_settings({**UBER, **DADA}, data=tmp_path)
    assert await names(settings) == ["uber", "dada"]
    for known in (settings, read_settings(settings.environment())):
        uber, dada = known.uber_account("Asia/Tokyo"), known.dada_account(known.origin)
        assert uber is not None
        assert uber.webhook_keys == ("one", "two")
        assert dada is not None
        assert dada.shops == {"sto_1": "11047059", "sto_2": "7"}
        assert dada.callback == f"https://shop.example.com/api/delivery/dada/webhook?token={dada.token}"
        for text in (repr(known), repr(uber), repr(dada)):
            assert "hunter" not in text


@pytest.mark.parametrize("missing", sorted({*UBER, *DADA} - {"NEARLIVE_DADA_SHOPS", "NEARLIVE_PUBLIC_URL"}))
def test_half_an_account_is_a_mistake(tmp_path: Path, missing: str) -> None:
    given = {name: value for name, value in {**UBER, **DADA}.items() if name != missing}
    with pytest.raises(SettingsError):
        read_settings(given, data=tmp_path)


def test_shops_are_pairs(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="store=shop"):
        read_settings({**DADA, "NEARLIVE_DADA_SHOPS": "sto_1"}, data=tmp_path)
