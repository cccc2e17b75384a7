"""Brings the players on stage, keeps them there, and lets them leave in order."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import aiohttp

from delivery.geo import Position
from live.simulate.arguments import Arguments
from live.simulate.client import Client, Refused, SignIn
from live.simulate.courier import CourierPlayer, start_near
from live.simulate.desk import Desk
from live.simulate.pace import Counter, Pace
from live.simulate.saying import Contact, say
from live.simulate.staff import StaffPlayer

LEAVE_WITHIN = 3.0


async def play(arguments: Arguments) -> None:
    """Until cancelled. One who may not play is told so, and the others go on; returns when nobody is left."""
    pace, counter, contact = Pace(arguments.speed), Counter(), Contact()
    async with _open(arguments) as http:

        def client(sign_in: SignIn) -> Client:
            return Client(http, arguments.url, sign_in, contact)

        try:
            starts = await _stores(client((*arguments.couriers, *arguments.staff)[0]), arguments.place)
        except Refused as refusal:
            say("simulation", f"cannot begin: {refusal}")
            return
        desk = await _desk(client(arguments.operator)) if arguments.operator else None
        staff = [StaffPlayer(client(one), pace, counter) for one in arguments.staff]
        couriers = [
            CourierPlayer(client(one), pace, counter, desk, start_near(starts, one.login)) for one in arguments.couriers
        ]
        parts = [(one.login, player.play) for one, player in zip(arguments.staff, staff, strict=True)]
        parts += [(one.login, player.play) for one, player in zip(arguments.couriers, couriers, strict=True)]
        say("simulation", f"{len(staff)} at the counters, {len(couriers)} couriers, {arguments.speed:g} times as fast")
        try:
            await asyncio.gather(*(_perform(login, part) for login, part in parts))
        finally:
            await _leave(couriers)


async def _perform(login: str, part: Callable[[], Awaitable[None]]) -> None:
    try:
        await part()
    except* Refused as refusals:
        for refusal in refusals.exceptions:
            say(login, f"cannot play: {refusal}")


async def _leave(couriers: list[CourierPlayer]) -> None:
    """Those with something to deliver stay online: another run goes on with it."""
    leaving = asyncio.gather(*(courier.leave() for courier in couriers), return_exceptions=True)
    try:
        async with asyncio.timeout(LEAVE_WITHIN):
            await leaving
    except TimeoutError:
        say("simulation", "the server does not answer; couriers are left as they are")


async def _desk(client: Client) -> Desk | None:
    desk = Desk(client)
    try:
        await desk.open()
    except Refused as refusal:
        say(client.name, f"cannot read PINs: {refusal}")
        return None
    return desk


async def _stores(client: Client, place: Position) -> list[Position]:
    lon, lat = place
    stores = await client.call("GET", f"/api/stores?lon={lon}&lat={lat}")
    places = [(one["position"]["lon"], one["position"]["lat"]) for one in stores["items"]]
    return places or [place]


@asynccontextmanager
async def _open(arguments: Arguments) -> AsyncIterator[aiohttp.ClientSession]:
    trust: ssl.SSLContext | bool = True
    if arguments.insecure:
        trust = ssl.create_default_context()
        trust.check_hostname = False
        trust.verify_mode = ssl.CERT_NONE
    connector = aiohttp.TCPConnector(ssl=trust, limit=0)
    # No cookies: the players' sessions would share one jar.
    async with aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar()) as http:
        yield http
