"""What is Dada's alone: signatures, coordinates, money, codes, what it does not know."""

import hashlib
import json
from dataclasses import replace
from math import hypot

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from delivery.errors import ProviderFault, Unreachable
from delivery.geo import distance_m
from delivery.jobs.lifecycle import Status
from delivery.model import Part, ProofKind
from delivery.ports import HttpRequest, HttpResponse
from delivery.providers.dada.gcj02 import from_gcj02, to_gcj02
from delivery.providers.dada.line import DadaLine
from delivery.providers.dada.signing import callback_signature, request_signature
from delivery.providers.provider import TOKEN, Delivery, ProviderQuote, Refused
from tests.delivery.providers.bench import changed, now, task
from tests.delivery.providers.outside import DadaBench


async def created(bench: DadaBench) -> Delivery:
    made = await bench.provider.create(task(), "job_1-1")
    assert isinstance(made, Delivery)
    return made


def test_a_request_is_signed_as_the_documents_say() -> None:
    """Names and values in the names' order, between two copies of the secret, upper-case MD5."""
    parameters = {"v": "1.0", "app_key": "k", "body": '{"a":1}'}
    expected = hashlib.md5(b'sapp_keykbody{"a":1}v1.0s').hexdigest().upper()  # noqa: S324 - theirs
    assert request_signature(parameters, "s") == expected


def test_a_callback_is_signed_as_the_documents_say() -> None:
    """The three values in their own order, lower-case MD5."""
    expected = hashlib.md5(b"179540640027000001job_1-1").hexdigest()  # noqa: S324 - theirs
    assert callback_signature("27000001", "job_1-1", "1795406400") == expected


async def test_money_is_exact_and_a_price_becomes_times(dada: DadaBench) -> None:
    quoted = await dada.provider.quote(task(ready_in=5))
    assert isinstance(quoted, ProviderQuote)
    assert (quoted.fee, quoted.currency, quoted.id) == (850, "CNY", "Dada000001")
    assert quoted.pickup_at < quoted.drop_off_at
    made = await created(dada)
    asked = await dada.provider.get(made.id)
    assert asked is not None
    assert (made.fee, asked.fee) == (850, 850)
    assert dada.house.inner("/addOrder")[0]["cargo_price"] == 88.0


async def test_quotes_leave_the_key_free(dada: DadaBench) -> None:
    for _ in range(2):
        assert isinstance(await dada.provider.quote(task()), ProviderQuote)
    assert len({body["origin_id"] for body in dada.house.inner("/queryDeliverFee")}) == 2
    await created(dada)


async def test_the_buyer_s_code_is_dadas_and_proves_it(dada: DadaBench) -> None:
    made = await created(dada)
    asked = await dada.provider.get(made.id)
    assert asked is not None
    assert asked.pin == "4821"
    assert await dada.provider.proof(made.id) is None
    await dada.move(made.id, Status.DELIVERED)
    proof = await dada.provider.proof(made.id)
    assert proof is not None
    assert (proof.kind, proof.by) == (ProofKind.PIN, "dada")
    assert abs((proof.at - now()).total_seconds()) < 5


async def test_what_is_left_at_the_door_needs_no_code(dada: DadaBench) -> None:
    made = await dada.provider.create(replace(task(), leave_at_door=True), "job_1-1")
    assert isinstance(made, Delivery)
    (sent,) = dada.house.inner("/addOrder")
    assert (sent["info"], sent["is_finish_code_needed"]) == ("请放在门口。 Ring twice", 0)
    await dada.move(made.id, Status.DELIVERED)
    assert await dada.provider.proof(made.id) is None


async def test_places_are_where_they_are_here(dada: DadaBench) -> None:
    made = await created(dada)
    sent = dada.house.inner("/addOrder")[0]
    assert 300 < distance_m((sent["receiver_lng"], sent["receiver_lat"]), task().drop_off.position) < 700
    await dada.move(made.id, Status.COLLECTED)
    asked = await dada.provider.get(made.id)
    assert asked is not None
    assert asked.position is not None
    assert distance_m(asked.position, (121.44, 31.21)) < 5


@pytest.mark.parametrize(
    ("code", "status"),
    [
        (7, Status.CANCELLED),
        (8, Status.SEARCHING),
        (9, Status.RETURNING),
        (10, Status.RETURNED),
        (1000, Status.CANCELLED),
    ],
)
async def test_rarer_statuses(dada: DadaBench, code: int, status: Status) -> None:
    made = await created(dada)
    dada.house.move(made.id, code)
    asked = await dada.provider.get(made.id)
    assert asked is not None
    assert (asked.status, asked.raw) == (status, str(code))
    at = int(now().timestamp()) * (1000 if code == 1000 else 1)  # then it is in milliseconds
    _, body = dada.house.callback(made.id, update_time=at)
    dada.provider.verify({TOKEN: dada.account.token}, body, now())
    assert dada.provider.news(body)[0].status is status


async def test_a_status_that_no_document_knows_is_none(dada: DadaBench) -> None:
    made = await created(dada)
    dada.house.move(made.id, 6)
    asked = await dada.provider.get(made.id)
    assert asked is not None
    assert asked.status is None


async def test_nothing_may_change(dada: DadaBench) -> None:
    made = await created(dada)
    assert isinstance(await dada.provider.update(made.id, changed(Part.NOTE, of=task(), note="x")), Refused)


class Says:
    """A house that says one thing."""

    def __init__(self, status: int, body: bytes) -> None:
        self._answer = HttpResponse(status, {}, body)

    async def send(self, request: HttpRequest) -> HttpResponse:
        assert request.method == "POST"
        return self._answer


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (200, b'{"status": "fail", "code": -1, "msg": "x"}'),
        (200, b'{"status": "fail", "code": 2012, "msg": "x"}'),
        (200, b'{"status": "fail", "code": 0, "msg": "x"}'),
        (200, b'{"status": "success", "code": 2105, "msg": "x"}'),
        (200, b'{"status": "success"}'),
        (200, b"<html>"),
        (502, b""),
    ],
)
async def test_what_leaves_it_open_may_have_been_done(dada: DadaBench, status: int, said: bytes) -> None:
    line = DadaLine(Says(status, said), dada.account, now)
    with pytest.raises(Unreachable) as unsure:
        await line.call("/api/order/addOrder", {})
    assert unsure.value.maybe_done


async def test_a_page_that_says_no_did_nothing(dada: DadaBench) -> None:
    line = DadaLine(Says(403, b"<html>"), dada.account, now)
    with pytest.raises(ProviderFault):
        await line.call("/api/order/addOrder", {})


async def test_an_id_of_a_message_follows_from_what_tells_it_apart(dada: DadaBench) -> None:
    made = await created(dada)
    _, body = dada.house.callback(made.id, update_time=1_795_406_400)
    said = json.loads(body)
    same = dada.provider.news(json.dumps({**said, "cancel_reason": ""}).encode())[0].event_id
    assert same == dada.provider.news(body)[0].event_id
    for other in ({"order_status": 2}, {"update_time": 1_795_406_401}, {"repeat_reason_type": 1}, {"dm_id": 7}):
        assert dada.provider.news(json.dumps({**said, **other}).encode())[0].event_id != same


def test_a_known_place_is_shifted_as_everybody_shifts_it() -> None:
    """Tiananmen, as it is commonly given in both systems."""
    lon, lat = to_gcj02((116.391265, 39.907359))
    assert (round(lon, 4), round(lat, 4)) == (116.3975, 39.9088)
    assert to_gcj02((-122.4, 37.8)) == (-122.4, 37.8)


@settings(deadline=None)
@given(lon=st.floats(74, 134), lat=st.floats(19, 53))
def test_the_way_there_and_back_is_no_way(lon: float, lat: float) -> None:
    there = to_gcj02((lon, lat))
    assert 0 < hypot(there[0] - lon, there[1] - lat) < 0.02
    back = from_gcj02(there)
    assert distance_m(back, (lon, lat)) < 0.1
