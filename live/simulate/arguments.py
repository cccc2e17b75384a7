"""The command line of the simulator."""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass

from live.simulate.client import SignIn

DESCRIPTION = """\
Plays store staff and couriers against a running Nearlive, so that one person can see the whole loop: buy something on
the page, and watch it being picked, carried and delivered. Without sign-ins it plays everybody of the demo city.

At the door a courier needs the buyer's PIN. The buyer is a person here, so the simulator asks for it as an operator, by
the audited route; every reading is in the audit log. Without --operator couriers wait at the door.
"""


@dataclass(frozen=True, slots=True)
class Arguments:
    """What was asked for. `speed` story seconds pass in one real second."""

    url: str
    staff: tuple[SignIn, ...]
    couriers: tuple[SignIn, ...]
    operator: SignIn | None
    speed: float
    insecure: bool
    place: tuple[float, float]


def read_arguments(argv: Sequence[str], demo: Arguments) -> Arguments:
    """Exits with a message when they make no sense. `demo` is what stands where nothing is given."""
    parser = argparse.ArgumentParser(
        prog="simulate", description=DESCRIPTION, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--url", default=demo.url, help=f"where Nearlive is (default: {demo.url})")
    parser.add_argument("--staff", nargs="*", type=_sign_in, metavar="LOGIN:PASSWORD", help="staff to play")
    parser.add_argument("--couriers", nargs="*", type=_sign_in, metavar="LOGIN:PASSWORD", help="couriers to play")
    parser.add_argument("--operator", type=_sign_in, metavar="LOGIN:PASSWORD", help="who asks for PINs")
    parser.add_argument("--speed", type=_speed, default=demo.speed, help=f"times as fast (default: {demo.speed:g})")
    parser.add_argument(
        "--near", type=_place, default=demo.place, metavar="LON,LAT", help="where couriers begin, by the stores there"
    )
    parser.add_argument("--insecure", action="store_true", help="accept a certificate that nobody has signed")
    given = parser.parse_args(argv)
    named = given.staff is not None or given.couriers is not None
    return Arguments(
        url=given.url,
        staff=tuple(given.staff or ()) if named else demo.staff,
        couriers=tuple(given.couriers or ()) if named else demo.couriers,
        operator=given.operator or (None if named else demo.operator),
        speed=given.speed,
        insecure=given.insecure,
        place=given.near,
    )


def _sign_in(text: str) -> SignIn:
    login, colon, password = text.partition(":")
    if not (login and colon and password):
        raise argparse.ArgumentTypeError("give LOGIN:PASSWORD")
    return SignIn(login, password)


def _speed(text: str) -> float:
    try:
        speed = float(text)
    except ValueError:
        speed = 0.0
    if not 0.1 <= speed <= 100:
        raise argparse.ArgumentTypeError("give a number from 0.1 to 100")
    return speed


def _place(text: str) -> tuple[float, float]:
    try:
        lon, lat = (float(part) for part in text.split(","))
    except ValueError:
        raise argparse.ArgumentTypeError("give LON,LAT, such as 121.47,31.23") from None
    if not (-180 <= lon <= 180 and -90 <= lat <= 90):
        raise argparse.ArgumentTypeError("that is not on the globe")
    return (lon, lat)
