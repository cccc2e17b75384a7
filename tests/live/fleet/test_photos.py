"""A photo in place of the PIN: where the buyer wants it, without metadata, for buyer and desk, for some days."""

import io
from datetime import UTC, datetime, timedelta
from typing import Any

from PIL import Image

from delivery.model import Job, ProofKind
from tests.live.fleet.conftest import STORE, Fleet

ME = "courier:usr_c1"
BUYER = "guest:usr_buyer"
NEAR = {"lon": STORE.position[0] + 0.004, "lat": STORE.position[1]}
MAKE, GPS = 0x010F, 0x8825


def camera(width: int = 2400, height: int = 1800, *, kind: str = "JPEG") -> bytes:
    """What a phone writes: turned by a tag, with where it was taken."""
    image, tags = Image.new("RGB", (width, height), (180, 120, 60)), Image.Exif()
    tags[MAKE], tags[0x0112] = "Phone", 6
    tags.get_ifd(GPS)[2] = (31.0, 13.0, 30.0)
    out = io.BytesIO()
    image.save(out, kind, exif=tags)
    return out.getvalue()


async def carried(fleet: Fleet, *, leave_at_door: bool) -> Job:
    await fleet.ask("POST", "/api/courier/online", ME, json={"position": NEAR, "consent": True})
    job = await fleet.order(leave_at_door=leave_at_door)
    await fleet.dispatch()
    assert (await fleet.ask("POST", f"/api/courier/jobs/{job.id}/accept", ME))[0] == 200
    code = (await fleet.delivery.jobs.job(job.id)).hand_over_code
    return await fleet.delivery.jobs.hand_over("ord_1", code, "usr_staff")


async def send(fleet: Fleet, job: Job, data: bytes, kind: str = "image/jpeg", token: str = ME) -> tuple[int, Any]:
    path = f"/api/courier/jobs/{job.id}/photo"
    async with fleet.client.put(
        path, data=io.BytesIO(data), headers={"Authorization": f"Bearer {token}", "Content-Type": kind}
    ) as answer:
        return answer.status, None if answer.status == 204 else (await answer.json())["code"]


async def seen(fleet: Fleet, token: str) -> tuple[int, bytes]:
    path = "/api/orders/ord_1/photo"
    async with fleet.client.get(path, headers={"Authorization": f"Bearer {token}"}) as answer:
        assert answer.status != 200 or answer.headers["Cache-Control"] == "private, no-store"
        return answer.status, await answer.read()


async def test_left_at_the_door(fleet: Fleet) -> None:
    job = await carried(fleet, leave_at_door=True)
    _, state = await fleet.ask("GET", "/api/courier", ME)
    assert state["jobs"][0]["photo_allowed"] is True
    deliver = f"/api/courier/jobs/{job.id}/deliver"
    status, refused = await fleet.ask("POST", deliver, ME, json={"photo": True})
    assert (status, refused["code"]) == (409, "pin_needed")
    assert await send(fleet, job, camera()) == (204, None)
    assert await send(fleet, job, camera(800, 600)) == (204, None)
    assert (await seen(fleet, BUYER))[0] == 404  # not before it is what was delivered by
    status, state = await fleet.ask("POST", deliver, ME, json={"photo": True})
    assert (status, state["jobs"], state["today"]["delivered"]) == (200, [], 1)
    assert (await fleet.ask("POST", deliver, ME, json={"photo": True}))[0] == 200
    proof = (await fleet.delivery.jobs.job(job.id)).proof
    assert proof is not None
    assert (proof.kind, proof.by) == (ProofKind.PHOTO, "usr_c1")
    assert (await send(fleet, job, camera()))[1] == "wrong_status"
    for token in (BUYER, "operator:usr_desk", "admin:usr_desk"):
        status, jpeg = await seen(fleet, token)
        assert status == 200
        with Image.open(io.BytesIO(jpeg)) as image:
            assert (image.format, image.size, dict(image.getexif())) == ("JPEG", (600, 800), {})
            assert b"Phone" not in jpeg
    for token in ("guest:usr_other", ME, "staff:usr_staff"):
        assert (await seen(fleet, token))[0] == 404


async def test_in_person_a_photo_does_not_do(fleet: Fleet) -> None:
    job = await carried(fleet, leave_at_door=False)
    assert await send(fleet, job, camera()) == (409, "pin_needed")
    deliver = f"/api/courier/jobs/{job.id}/deliver"
    assert (await fleet.ask("POST", deliver, ME, json={"photo": True}))[1]["code"] == "pin_needed"
    for body in ({}, {"pin": job.pin, "photo": True}, {"photo": "yes"}):
        assert (await fleet.ask("POST", deliver, ME, json=body))[1]["code"] == "invalid_body"
    assert (await fleet.ask("POST", deliver, ME, json={"pin": job.pin}))[0] == 200
    proof = (await fleet.delivery.jobs.job(job.id)).proof
    assert proof is not None
    assert proof.kind is ProofKind.PIN
    assert (await seen(fleet, BUYER))[0] == 404


async def test_what_is_no_photo(fleet: Fleet) -> None:
    job = await carried(fleet, leave_at_door=True)
    refused = (
        (b"", "image/jpeg", "bad_image"),
        (camera()[:5000], "image/jpeg", "bad_image"),
        (camera(40, 40, kind="PNG"), "image/jpeg", "bad_image"),
        (b"<svg/>", "image/svg+xml", "unsupported_media_type"),
        (b"\xff" * (2 * 1024 * 1024 + 1), "image/jpeg", "too_large"),
    )
    for data, kind, code in refused:
        assert (await send(fleet, job, data, kind))[1] == code
    await fleet.ask("GET", "/api/courier", "courier:usr_c2")
    assert (await send(fleet, job, camera(40, 40), token="courier:usr_c2"))[1] == "not_found"


async def test_photos_are_forgotten(fleet: Fleet) -> None:
    job = await carried(fleet, leave_at_door=True)
    await send(fleet, job, camera(40, 40))
    await fleet.ask("POST", f"/api/courier/jobs/{job.id}/deliver", ME, json={"photo": True})
    photos, now = fleet.delivery.photos, datetime.now(UTC)
    assert await photos.forget(now + timedelta(days=29)) == 0
    assert (await seen(fleet, BUYER))[0] == 200
    assert await photos.forget(now + timedelta(days=31)) == 1
    assert (await seen(fleet, BUYER))[0] == 404


async def test_arrivals_that_come_late_do_no_harm(fleet: Fleet) -> None:
    """A phone without a network sends what was done minutes ago: at the store is not at the door."""
    job = await carried(fleet, leave_at_door=False)
    arrive = f"/api/courier/jobs/{job.id}/arrive"
    status, state = await fleet.ask("POST", arrive, ME, json={"at": "store"})
    assert (status, state["jobs"][0]["status"]) == (200, "collected")
    for _ in range(2):
        status, state = await fleet.ask("POST", arrive, ME, json={"at": "door"})
        assert (status, state["jobs"][0]["status"]) == (200, "arriving")
    assert (await fleet.ask("POST", arrive, ME, json={"at": "store"}))[1]["jobs"][0]["status"] == "arriving"
    assert (await fleet.ask("POST", arrive, ME, json={"at": "home"}))[1]["code"] == "invalid_body"
