"""What is Uber's alone: tokens, windows, numbers, duplicates, the way back."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from delivery.errors import ProviderFault, Unreachable
from delivery.jobs.lifecycle import Status
from delivery.model import Part, ProofKind
from delivery.ports import Http
from delivery.providers.provider import Delivery, Refused
from delivery.providers.uber.account import UberAccount
from delivery.providers.uber.bodies import CALL, LEAVE, PACKED, PACKED_AT, delivery_body, quote_body
from delivery.providers.uber.uber import Uber
from tests.delivery.providers import uber_house
from tests.delivery.providers.bench import changed, now, task
from tests.delivery.providers.outside import UberBench
from tests.delivery.providers.uber_checks import check, check_windows
from tests.delivery.providers.uber_fields import DELIVERY_FIELDS, QUOTE_FIELDS
from tests.delivery.providers.uber_house import CLIENT, CUSTOMER, KEY, UberHouse, rfc3339

ACCOUNT = UberAccount(CUSTOMER, *CLIENT, (KEY,))


async def created(bench: UberBench, number: int = 1) -> Delivery:
    made = await bench.provider.create(task(number), f"job_{number}-1")
    assert isinstance(made, Delivery)
    return made


async def test_one_token_serves_all_who_ask_at_once_and_those_after(uber: UberBench) -> None:
    await asyncio.gather(*(uber.provider.quote(task(number)) for number in range(8)))
    await created(uber)
    assert len(uber.house.bodies("/token")) == 1


async def test_a_token_that_is_refused_is_made_anew_once(uber: UberBench) -> None:
    await created(uber, 1)
    uber.house.revoke()
    await asyncio.gather(*(created(uber, number) for number in (2, 3, 4)))
    assert len(uber.house.bodies("/token")) == 2
    assert uber.created == 4


async def test_a_token_is_made_anew_before_it_ends(uber: UberBench, http: Http) -> None:
    at = now()
    provider = Uber(http, replace(ACCOUNT, api_base=uber.house.url, login_base=uber.house.url), lambda: at)
    await provider.get("del_none")
    at += timedelta(days=30, minutes=-6)
    await provider.get("del_none")
    assert len(uber.house.bodies("/token")) == 1
    at += timedelta(minutes=2)
    await provider.get("del_none")
    assert len(uber.house.bodies("/token")) == 2


async def test_wrong_credentials_are_told_and_not_tried_again_and_again(uber: UberBench, http: Http) -> None:
    account = replace(ACCOUNT, client_secret="wrong", api_base=uber.house.url, login_base=uber.house.url)
    at = now()
    provider = Uber(http, account, lambda: at)
    for _ in range(3):
        for answer in (await provider.quote(task()), await provider.create(task(), "job_1-1")):
            assert isinstance(answer, Refused)
            assert answer.code == "unauthorized"
        with pytest.raises(ProviderFault):
            await provider.find("job_1-1")
    assert len(uber.house.bodies("/token")) == 1
    at += timedelta(seconds=61)
    await provider.quote(task())
    assert len(uber.house.bodies("/token")) == 2


async def test_a_lost_token_means_that_nothing_was_asked_for(uber: UberBench) -> None:
    uber.house.faults.lose_answer["/token"] = 1
    with pytest.raises(Unreachable) as lost:
        await created(uber)
    assert not lost.value.maybe_done
    uber.house.faults.broken["/token"] = 1
    with pytest.raises(Unreachable) as broken:
        await created(uber)
    assert not broken.value.maybe_done
    assert uber.created == 0
    await created(uber)


@pytest.mark.parametrize("tells", [True, False])
async def test_a_key_is_good_for_one_delivery_also_after_uber_forgot_it(uber: UberBench, *, tells: bool) -> None:
    uber.house.tells_of_duplicates = tells
    first = await created(uber)
    again = await created(uber)
    uber.house.keys.clear()  # as it does after an hour
    later = await created(uber)
    assert (again.id, later.id, uber.created) == (first.id, first.id, 1)


async def test_a_duplicate_that_is_not_ours_is_a_refusal(uber: UberBench) -> None:
    first = await created(uber)
    uber.house.deliveries[first.id]["external_id"] = "somebody's"
    answer = await uber.provider.create(task(1), "job_1-1")
    assert isinstance(answer, Refused)
    assert answer.code == "duplicate_delivery"


async def test_a_delivery_is_found_behind_many(uber: UberBench) -> None:
    first = await created(uber)
    uber.house.move(first.id, "delivered")
    model = uber.house.deliveries[first.id]
    for number in range(250):
        uber.house.deliveries[f"del_{number}"] = {**model, "id": f"del_{number}", "external_id": f"other-{number}"}
    found = await uber.provider.find("job_1-1")
    assert found is not None
    assert found.id == first.id
    assert await uber.provider.find("job_9-1") is None


async def test_what_is_older_than_a_day_is_not_looked_through(uber: UberBench) -> None:
    first = await created(uber)
    model = uber.house.deliveries.pop(first.id)
    for number in range(3_000):
        days = timedelta(days=2 + (3_000 - number) / 1000)
        old = {**model, "id": f"del_{number}", "external_id": "", "complete": True, "created": rfc3339(now() - days)}
        uber.house.deliveries[f"del_{number}"] = old
    asked = len(uber.house.seen)
    assert await uber.provider.find("job_9-1") is None
    assert len(uber.house.seen) - asked == 2
    for old in uber.house.deliveries.values():
        old["created"] = ""
    with pytest.raises(ProviderFault):
        await uber.provider.find("job_9-1")


async def test_goods_that_go_back_are_followed_home(uber: UberBench) -> None:
    made = await created(uber)
    uber.house.move(made.id, "dropoff")
    back = {"id": "ret_1", "relationship": "returned"}
    uber.house.move(made.id, "returned", undeliverable_reason="UNREACHABLE", related_deliveries=[back])
    uber.house.deliveries["ret_1"] = {
        **uber.house.deliveries[made.id],
        "id": "ret_1",
        "external_id": "",
        "status": "pickup_complete",
        "related_deliveries": {"id": made.id, "relationship": "original"},
    }
    for status, expected in (("dropoff", Status.RETURNING), ("delivered", Status.RETURNED)):
        uber.house.move("ret_1", status)
        asked = await uber.provider.get(made.id)
        assert asked is not None
        assert (asked.status, asked.why) == (expected, "UNREACHABLE")
        (news,) = uber.provider.news(uber.house.webhook("ret_1", "event.delivery_return")[1])
        assert (news.delivery_id, news.status, news.raw) == (made.id, expected, f"return {status}")


async def test_a_courier_s_moves_come_with_the_place(uber: UberBench) -> None:
    made = await created(uber)
    uber.house.move(made.id, "pickup")
    _, body = uber.house.webhook(made.id, "event.courier_update")
    (news,) = uber.provider.news(body)
    assert (news.status, news.position) == (None, (121.4411, 31.2111))
    assert news.courier is not None
    assert (news.courier.name, news.courier.phone, news.courier.vehicle) == ("Alex I.", "+16283337630", "scooter")
    assert uber.provider.news(uber.house.webhook(made.id, "event.refund_request")[1]) == ()


async def test_the_buyer_s_code_is_ubers_and_proves_it(uber: UberBench) -> None:
    made = await created(uber)
    assert made.pin == "4821"
    await uber.move(made.id, Status.COLLECTED)
    assert await uber.provider.proof(made.id) is None
    uber.house.move(made.id, "delivered")
    proof = await uber.provider.proof(made.id)  # by the document of the proof
    assert proof is not None
    assert (proof.kind, proof.by) == (ProofKind.PIN, "uber")
    drop_off = uber.house.deliveries[made.id]["dropoff"]
    drop_off["verification"] = {"picture": {"image_url": "https://images.example.com/door.jpeg"}}
    proof = await uber.provider.proof(made.id)
    assert proof is not None
    assert (proof.kind, proof.ref) == (ProofKind.PHOTO, "https://images.example.com/door.jpeg")


async def test_what_is_left_at_the_door_is_proved_by_a_picture(uber: UberBench) -> None:
    made = await uber.provider.create(replace(task(), leave_at_door=True), "job_1-1")
    assert isinstance(made, Delivery)
    assert made.pin is None
    uber.house.move(made.id, "delivered")
    proof = await uber.provider.proof(made.id)
    assert proof is not None
    assert proof.kind is ProofKind.PHOTO
    assert uber.house.bodies("/proof-of-delivery") == [{"waypoint": "dropoff", "type": "picture"}]


async def test_what_has_no_field_is_said_in_notes(uber: UberBench) -> None:
    made, order = await created(uber), task()

    async def notes(*parts: Part, **to: Any) -> tuple[str, str]:
        assert isinstance(await uber.provider.update(made.id, changed(*parts, of=order, **to)), Delivery)
        delivery = uber.house.deliveries[made.id]
        return delivery["dropoff"]["notes"], delivery["pickup"]["notes"]

    assert await notes(Part.NOTE, note="n" * 400) == ("n" * 280, "Ask at the counter")
    wish = {"leave_at_door": True, "phone": "13800009999"}
    assert (await notes(Part.LEAVE_AT_DOOR, Part.PHONE, **wish))[0] == f"{LEAVE} {CALL} Ring twice".format(
        number="+8613800009999"
    )
    # What changed before stays said when something else changes.
    assert (await notes(Part.NOTE, note="Knock", **wish))[0].startswith("Please leave it at the door.")
    assert (await notes(Part.LEAVE_AT_DOOR))[0] == "Ring twice"
    soon = datetime.now(UTC).replace(hour=4, minute=30) + timedelta(days=1)
    assert (await notes(Part.READY_AT, ready_at=soon))[1] == PACKED_AT.format(time="12:30")
    assert (await notes(Part.READY_AT, ready_at=now()))[1] == PACKED


minutes = st.integers(-600, 60 * 24 * 3)


@settings(deadline=None)
@given(ready=minutes, begins=minutes, ends=minutes)
def test_any_promise_becomes_windows_that_uber_takes(ready: int, begins: int, ends: int) -> None:
    at = now()
    asked = replace(
        task(),
        ready_at=at + timedelta(minutes=ready),
        due_from=at + timedelta(minutes=begins),
        due_at=at + timedelta(minutes=ends),
    )
    for body, fields in (
        (quote_body(asked, ACCOUNT, at), QUOTE_FIELDS),
        (delivery_body(asked, "k", ACCOUNT, at), DELIVERY_FIELDS),
    ):
        check(body, fields)
        check_windows(body, at)


@pytest.mark.parametrize(
    ("written", "sent"),
    [
        ("13800001234", "+8613800001234"),
        ("021-5550-0101", "+862155500101"),
        ("+1 (415) 555-1212", "+14155551212"),
        ("0044 20 7946 0000", "+442079460000"),
        (" ", ""),
    ],
)
def test_numbers_are_e164(written: str, sent: str) -> None:
    assert ACCOUNT.e164(written) == sent


def test_the_documents_example_of_a_signature() -> None:
    """The words of developer.uber.com/docs/deliveries/guides/webhooks: HMAC-SHA256 of the payload as it came, hex."""
    body = b'{"kind": "event.courier_update", "location": {"lat": 37.7974109, "lng": -122.424145}}'
    digest = UberHouse.sign(body, uber_house.KEY)[0]["X-Uber-Signature"]
    assert len(digest) == 64
    assert digest.startswith("cdff8133fb065f8d37a2c1c94c3331b6a82766d1")
