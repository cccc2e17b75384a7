"""A session that ends takes its sockets with it."""

from tests.house import Caller, House


async def test_sign_out_closes_the_sockets_of_that_session_only(house: House) -> None:
    first, second = await house.guest(), await house.guest()
    async with first.socket() as closing, second.socket() as staying:
        answer = await Caller(house, first.token).ask("POST", "/api/session/sign-out")
        assert answer.status == 204
        assert await closing.close_code() == 4401
        assert (await staying.say(type="hello", token=second.token))["type"] == "ok"
        refused = await staying.say(type="hello", token=first.token)
        assert refused["code"] == "token_invalid"
