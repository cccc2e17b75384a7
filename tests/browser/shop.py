"""Everybody who is not at the browser: the same routes that their pages use, called by name."""

import secrets
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp

from live.seed.people import PASSWORD, STORE_KEYS
from live.seed.places import store_id
from tests.waiting import until_so

Json = dict[str, Any]


class Caller:
    """Somebody who is signed in."""

    def __init__(self, http: aiohttp.ClientSession, token: str, user: Json) -> None:
        self._http = http
        self._token = token
        self.user = user

    async def call(self, method: str, path: str, body: object = None) -> Any:
        """What the route answers. Fails on a refusal."""
        headers = {"Authorization": f"Bearer {self._token}", "Idempotency-Key": secrets.token_hex(8)}
        async with self._http.request(method, path, json=body, headers=headers) as answer:
            assert answer.status < 400, await answer.text()
            return None if answer.status == 204 else await answer.json()

    async def get(self, path: str) -> Any:
        """GET."""
        return await self.call("GET", path)

    async def post(self, path: str, body: object = None) -> Any:
        """POST."""
        return await self.call("POST", path, {} if body is None else body)

    async def put(self, path: str, body: object) -> Any:
        """PUT."""
        return await self.call("PUT", path, body)


class Shop:
    """A show on air in the first store, and the people of the demo city."""

    def __init__(self, http: aiohttp.ClientSession) -> None:
        self._http = http
        self._people: dict[str, Caller] = {}
        self.show: Json = {}

    async def person(self, login: str) -> Caller:
        """Signed in, once."""
        if login not in self._people:
            sign_in = {"login": login, "password": PASSWORD}
            async with self._http.post("/api/session/sign-in", json=sign_in) as answer:
                session = await answer.json()
            self._people[login] = Caller(self._http, session["access_token"], session["user"])
        return self._people[login]

    async def open_show(self, title: str, products: list[str]) -> None:
        """Live without a camera: what is sold is what counts here. The first card is pinned."""
        host = await self.person("associate1")
        show = await host.post("/api/shows", {"title": title})
        cards = [{"product_id": f"prd_demo{key}"} for key in products]
        await host.put(f"/api/shows/{show['id']}/cards", {"cards": cards})
        self.show = await host.post(f"/api/shows/{show['id']}/live")
        await self.pin(products[0])

    async def pin(self, key: str) -> None:
        """What the host talks about."""
        host = await self.person("associate1")
        self.show = await host.post(f"/api/shows/{self.show['id']}/cards/{self.card(key)}/pin")

    def card(self, key: str) -> str:
        """The id of the product's card."""
        return next(str(one["id"]) for one in self.show["cards"] if one["product"]["id"] == f"prd_demo{key}")

    async def stock(self, key: str, pieces: Mapping[str, int] | int) -> None:
        """So many pieces in each store, or in these stores."""
        desk = await self.person("operator")
        stores = dict.fromkeys(STORE_KEYS, pieces) if isinstance(pieces, int) else pieces
        for store, on_hand in stores.items():
            path = f"/api/stores/{store_id(store)}/stock/prd_demo{key}/count"
            await desk.post(path, {"on_hand": on_hand, "text": "counted"})

    async def coupon(self, **terms: object) -> Json:
        """A coupon by the desk."""
        desk = await self.person("operator")
        ends_at = (datetime.now(UTC) + timedelta(days=30)).isoformat()
        coupon: Json = await desk.post("/api/console/coupons", {"ends_at": ends_at, **terms})
        return coupon

    async def counter(self, order: str, *steps: str) -> Json:
        """The store does these steps."""
        staff = await self._staff(order)
        done: Json = {}
        for step in steps:
            done = await staff.post(f"/api/orders/{order}/{step}")
        return done

    async def short(self, order: str, lines: list[Json]) -> None:
        """The store has not got everything."""
        await (await self._staff(order)).post(f"/api/orders/{order}/short", {"lines": lines})

    async def _staff(self, order: str) -> Caller:
        desk = await self.person("operator")
        store = (await desk.get(f"/api/orders/{order}"))["store"]["id"]
        number = 1 + [store_id(key) for key in STORE_KEYS].index(store)
        return await self.person(f"staff{number}")

    async def deliver(self, order: str) -> None:
        """A courier takes the bag to the door."""
        courier, job = await self._carry(order)
        desk = await self.person("operator")
        pin = (await desk.post(f"/api/orders/{order}/pin", {"reason": "test"}))["pin"]
        await courier.post(f"/api/courier/jobs/{job}/arrive")
        await courier.post(f"/api/courier/jobs/{job}/deliver", {"pin": pin})

    async def bring_back(self, order: str, kind: str) -> None:
        """A courier takes the bag, and has to bring it back to the store."""
        courier, job = await self._carry(order)
        await courier.post(f"/api/courier/jobs/{job}/problem", {"kind": kind})
        await courier.post(f"/api/courier/jobs/{job}/returned")

    async def _carry(self, order: str) -> tuple[Caller, str]:
        """The courier who has the bag, and the job."""
        courier, desk = await self.person("courier1"), await self.person("operator")
        place = (await desk.get(f"/api/orders/{order}"))["address"]["position"]
        await courier.post("/api/courier/online", {"position": place, "consent": True})
        job = (await desk.get(f"/api/orders/{order}/tracking"))["job_id"]

        async def offered() -> bool:
            offer = (await courier.get("/api/courier"))["offer"]
            if offer is not None and offer["job_id"] != job:  # of an order that nobody waits for
                await courier.post(f"/api/courier/jobs/{offer['job_id']}/decline")
            return offer is not None and bool(offer["job_id"] == job)

        await until_so(offered)
        await courier.post(f"/api/courier/jobs/{job}/accept")
        arrived = await courier.post(f"/api/courier/jobs/{job}/arrive")
        code = next(one["hand_over_code"] for one in arrived["jobs"] if one["id"] == job)
        await (await self._staff(order)).post(f"/api/orders/{order}/hand-over", {"code": code})
        return courier, str(job)


@asynccontextmanager
async def shop(url: str) -> AsyncIterator[Shop]:
    """For a running Nearlive with the demo city."""
    async with aiohttp.ClientSession(url) as http:
        yield Shop(http)
