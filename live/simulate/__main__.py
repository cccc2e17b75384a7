"""`python -m live.simulate`."""

import asyncio
import contextlib
import signal
import sys

from live.http.access import Role
from live.seed.people import DEMO_PEOPLE
from live.simulate.arguments import Arguments, read_arguments
from live.simulate.client import SignIn
from live.simulate.lunch.run import main as lunch
from live.simulate.play import play
from live.simulate.saying import say

#: Where `scripts/run` starts, and the middle of the demo city.
URL, PLACE, SPEED = "http://127.0.0.1:8080", (121.4737, 31.2304), 8.0


def demo() -> Arguments:
    """Everybody of the demo city."""
    people = {role: tuple(SignIn(one.login, one.password) for one in DEMO_PEOPLE if one.role is role) for role in Role}
    return Arguments(
        url=URL,
        staff=people[Role.STAFF],
        couriers=people[Role.COURIER],
        operator=people[Role.OPERATOR][0],
        speed=SPEED,
        insecure=False,
        place=PLACE,
    )


async def run(arguments: Arguments) -> None:
    """Until Ctrl-C or SIGTERM."""
    playing = asyncio.ensure_future(play(arguments))
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, playing.cancel)
    with contextlib.suppress(asyncio.CancelledError):
        await playing
    say("simulation", "over")


def main() -> int:
    """The exit status."""
    if sys.argv[1:2] == ["lunch"]:
        return lunch(sys.argv[2:])
    arguments = read_arguments(sys.argv[1:], demo())
    if not (arguments.staff or arguments.couriers):
        sys.stderr.write("Nobody to play: give --staff or --couriers, as LOGIN:PASSWORD.\n")
        return 2
    asyncio.run(run(arguments))
    return 0


if __name__ == "__main__":
    sys.exit(main())
