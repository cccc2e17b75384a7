"""What follows from what: the table is whole, and a story told by it reaches every page."""

import dataclasses
import inspect
from types import ModuleType
from typing import Any

import pytest

import delivery.events
import live.shows.events
import moderation.events
import orders.events
from delivery.jobs.lifecycle import Status as JobStatus
from delivery.model import Job, JobRequest
from live.reactions import EVENT_TYPES, REACTIONS, Reactions
from orders.lifecycle import Actor
from tests.house import HERE, Caller, House, PageSocket

PAY = {"card": {"number": "4242424242424242", "expiry": "12/30", "cvc": "123"}}
ADDRESS = {"name": "Mei", "phone": "13800001234", "text": "8 Test Road", "position": HERE}


def events_of(module: ModuleType) -> set[type[Any]]:
    return {
        kind
        for _, kind in inspect.getmembers(module, inspect.isclass)
        if kind.__module__ == module.__name__ and dataclasses.is_dataclass(kind) and kind.__name__ != "Event"
    }


@pytest.mark.parametrize("module", [orders.events, delivery.events, moderation.events, live.shows.events])
def test_every_event_has_its_row(module: ModuleType) -> None:
    found = events_of(module)
    assert found
    assert found <= set(REACTIONS)


def test_every_row_is_an_event_that_can_be_kept() -> None:
    known = set().union(*map(events_of, (orders.events, delivery.events, moderation.events, live.shows.events)))
    assert set(REACTIONS) == known
    assert all(REACTIONS.values())


async def test_a_failing_effect_does_not_stop_the_others(house: House) -> None:
    """The order is not there: telling it fails, and so does the row as a whole, which is then tried again."""
    event = orders.events.OrderPaid(
        "evt_1", house.services.moderation.clock(), "ord_none", "usr_1", "sto_near", None, None, 1, "CNY", "", ()
    )
    with pytest.raises(ExceptionGroup) as failed:
        await Reactions(house.services).handle(event)
    assert len(failed.value.exceptions) == 2, "request_delivery and tell_order; show_sale had nothing to do"
    assert EVENT_TYPES.encode(event)[0] == "OrderPaid"


async def buy(
    buyer: Caller, show_id: str | None = None, product: str = "prd_tea", *, means: object = PAY, **wishes: object
) -> str:
    lines = [{"product_id": product, "quantity": 2}]
    body = {"lines": lines, "address": ADDRESS, "show_id": show_id, **wishes}
    placed = await buyer.ask(
        "POST", "/api/orders", json=body, headers={"Idempotency-Key": f"place {product}".replace(" ", "-")}
    )
    assert placed.status == 201, placed
    order = str(placed.body["orders"][0]["id"])
    paid = await buyer.ask("POST", f"/api/orders/{order}/pay", json=means, headers={"Idempotency-Key": f"pay-{order}"})
    assert paid.status == 200, paid
    return order


async def status(page: PageSocket, wanted: str) -> dict[str, Any]:
    """The `order` event that says this status."""
    frame = await page.until(lambda frame: frame.get("kind") == "order" and frame["data"]["order"]["status"] == wanted)
    order: dict[str, Any] = frame["data"]["order"]
    return order


async def test_from_the_click_to_the_door(house: House) -> None:
    show = await house.show()
    buyer, staff, courier = [await house.sign_in(login) for login in ("member", "staff", "courier")]
    async with buyer.socket() as page, staff.socket() as counter, courier.socket() as bike:
        await page.follow("me")
        await page.follow(f"show:{show.id}")
        await counter.follow("store:sto_near")
        await bike.follow("me")
        order = await buy(buyer, show.id)
        sale = await page.event("sale")
        assert sale["data"] == {"buyer_name": "M**", "product_name": "prd_tea", "quantity": 2}
        await status(page, "paid")
        await status(counter, "paid")

        assert (
            await courier.ask("POST", "/api/courier/online", json={"position": HERE, "consent": True})
        ).status == 200
        offered = await bike.until(lambda f: f.get("kind") == "courier" and f["data"]["state"]["offer"] is not None)
        job = offered["data"]["state"]["offer"]["job_id"]
        assert (await courier.ask("POST", f"/api/courier/jobs/{job}/accept")).status == 200
        for step in ("accept", "pick", "ready"):
            assert (await staff.ask("POST", f"/api/orders/{order}/{step}")).status == 200
        await status(page, "ready")
        arrived = await courier.ask("POST", f"/api/courier/jobs/{job}/arrive")
        code = arrived.body["jobs"][0]["hand_over_code"]
        assert (await staff.ask("POST", f"/api/orders/{order}/hand-over", json={"code": code})).status == 200
        collected = await status(page, "collected")
        pin = collected["delivery"]["pin"]
        assert (await courier.ask("POST", f"/api/courier/jobs/{job}/arrive")).status == 200
        assert (await courier.ask("POST", f"/api/courier/jobs/{job}/deliver", json={"pin": pin})).status == 200
        completed = await status(page, "completed")
        assert completed["payment"]["captured"] == completed["total"]
        assert completed["delivery"]["status"] == "delivered"
        assert (await page.follow("me"))["data"]["orders"] == []


@pytest.mark.parametrize(
    ("means", "note", "seen"),
    [
        (PAY, None, (True, "Gate code 1203")),
        (PAY, "For the store", (True, "Gate code 1203")),
        ({"provider": "cash"}, "For the store", (False, "Gate code 1203")),
    ],
)
async def test_what_is_wished_for_at_the_door_reaches_the_courier(
    house: House, means: object, note: str | None, seen: object
) -> None:
    """Nobody takes cash from an empty doorstep."""
    buyer, desk = await house.sign_in("member"), await house.sign_in("operator")
    async with buyer.socket() as page:
        await page.follow("me")
        door = {"leave": True, "note": " Gate code 1203 "}
        order = await buy(buyer, means=means, note=note, door=door)
        await page.until(lambda frame: frame.get("kind") == "tracking")
    job = await house.services.delivery.jobs.for_order(order)
    assert (job.leave_at_door, job.note) == seen
    mine, theirs = [(await one.ask("GET", f"/api/orders/{order}")).body for one in (buyer, desk)]
    assert (mine["door"], mine["note"]) == ({"leave": True, "note": "Gate code 1203"}, note)
    assert theirs["door"] is None


async def test_a_rejected_order_needs_no_courier(house: House) -> None:
    buyer, staff = await house.sign_in("member"), await house.sign_in("staff")
    async with buyer.socket() as page:
        await page.follow("me")
        order = await buy(buyer)
        await page.until(lambda frame: frame.get("kind") == "tracking")
        body = {"reason": "none left"}
        assert (await staff.ask("POST", f"/api/orders/{order}/reject", json=body)).status == 200
        await status(page, "rejected")
        await page.until(lambda f: f.get("kind") == "tracking" and f["data"]["tracking"]["status"] == "cancelled")


async def test_an_order_cancelled_while_a_courier_is_asked_for_leaves_none_on_the_way(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The cancellation comes, and its effects run in another process, just before the job is there to call off."""
    jobs, fulfilment = house.services.delivery.jobs, house.services.orders.fulfilment
    request = jobs.request

    async def late(wanted: JobRequest) -> Job:
        cancelled = await fulfilment.cancel(wanted.order_id, Actor.OPERATOR, "changed my mind", "usr_op")
        assert await jobs.cancel(cancelled.id, "changed my mind", "usr_op") is None
        return await request(wanted)

    monkeypatch.setattr(jobs, "request", late)
    monkeypatch.setitem(REACTIONS, orders.events.OrderCancelled, ())
    buyer = await house.sign_in("member")
    async with buyer.socket() as page:
        await page.follow("me")
        order = await buy(buyer)
        await page.until(lambda f: f.get("kind") == "tracking" and f["data"]["tracking"]["status"] == "cancelled")
        assert (await jobs.for_order(order)).status is JobStatus.CANCELLED


async def test_nobody_else_hears_who_was_muted(house: House) -> None:
    show = await house.show()
    muted, other, operator = [await house.sign_in(login) for login in ("guest", "member", "operator")]
    async with muted.socket() as page, other.socket() as bystander:
        await page.follow("me")
        await bystander.follow(f"show:{show.id}")
        body = {"user_id": muted.id, "show_id": show.id, "kind": "mute", "minutes": 5, "reason": "spam"}
        made = await operator.ask("POST", "/api/console/sanctions", json=body)
        assert (await page.event("sanction"))["data"]["until"] is not None
        path = f"/api/console/sanctions/{made.body['id']}"
        assert (await operator.ask("DELETE", path, json={"reason": "forgiven"})).status == 204
        await page.event("sanction")
        await bystander.say(type="chat", show=show.id, text="anything?")
        await bystander.event("chat")
        assert muted.id not in str(bystander.seen)


async def test_the_operator_is_heard_everywhere(house: House) -> None:
    show = await house.show()
    viewer, host, operator = [await house.sign_in(login) for login in ("guest", "associate", "operator")]
    async with viewer.socket() as page, host.socket() as studio, operator.socket() as console:
        await page.follow(f"show:{show.id}")
        await page.follow("me")
        await studio.follow("me")
        await console.follow("console")
        said = await page.say(type="chat", show=show.id, text="buy elsewhere")
        path = f"/api/shows/{show.id}"
        reason = {"reason": "spam"}
        assert (await operator.ask("DELETE", f"{path}/chat/{said['message_id']}", json=reason)).status == 204
        assert (await page.event("chat_deleted"))["data"] == {"id": said["message_id"]}
        mute = {"user_id": viewer.id, "show_id": show.id, "kind": "mute", "minutes": 5, "reason": "spam"}
        assert (await operator.ask("POST", "/api/console/sanctions", json=mute)).status == 201
        assert (await page.event("sanction"))["data"]["kind"] == "mute"
        assert (await page.say(type="chat", show=show.id, text="again"))["code"] == "muted"
        assert (await page.follow(f"show:{show.id}"))["data"]["muted_until"] is not None
        assert (await operator.ask("POST", f"{path}/warn", json={"text": "Mind the prices"})).status == 204
        assert (await studio.event("warning"))["data"]["text"] == "Mind the prices"
        assert (await operator.ask("POST", f"{path}/cut", json={"reason": "fraud"})).status == 200
        ended = await page.until(lambda f: f.get("kind") == "status" and f["data"]["status"] == "ended")
        assert ended["data"]["end_reason"] == "cut"
        again = await host.ask("POST", f"{path}/live")
        assert (again.status, again.code) == (409, "wrong_status")


async def test_low_stock_is_told(house: House) -> None:
    show = await house.show()
    viewer, staff = await house.sign_in("guest"), await house.sign_in("staff")
    async with viewer.socket() as page, staff.socket() as counter:
        await page.follow(f"show:{show.id}")
        await counter.follow("store:sto_near")
        body = {"on_hand": 0, "reason": "broken"}
        path = "/api/stores/sto_near/products/prd_cup/stock"
        assert (await staff.ask("PATCH", path, json=body)).status == 200
        told = await counter.until(lambda f: f.get("kind") == "stock" and f["data"]["product_id"] == "prd_cup")
        assert told["data"]["available"] == 0
        await page.until(lambda f: f.get("kind") == "availability" and f["data"]["product_id"] == "prd_cup")
