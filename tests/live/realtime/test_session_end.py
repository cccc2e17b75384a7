"""A session that ends takes its sockets with it."""

import asyncio

from tests.house import Caller, House


async def test_sign_out_closes_the_sockets_of_that_session_only(house: House) -> None:
    first, second = await house.guest(), await house.guest()
    async with first.socket() as closing, second.socket() as staying:
        closed = asyncio.create_task(closing.close_code())
        answer = await Caller(house, first.token).ask("POST", "/api/session/sign-out")
        assert answer.status == 204
        assert await closed == 4401
        refused = await staying.say(type="hello", token=first.token)
        assert refused["code"] == "token_invalid"
