"""The command line of the lunch hour."""

import argparse
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from delivery.dispatching.baseline import baseline
from delivery.dispatching.engine import EngineParameters, engine
from delivery.dispatching.nearest import nearest_free
from delivery.dispatching.plan import Policy
from delivery.settings import DeliverySettings

DESCRIPTION = """\
Plays a lunch hour of the demo city: buyers who are quoted and order, stores that pack, couriers who take offers, ride
and climb stairs, and between them the real delivery services (quotes, jobs, offers, dispatch) on an embedded database
of its own, with a clock that runs fast. Prints a summary as JSON; with --out also writes it and a picture.
"""
#: Who may decide; the engine as the server runs it.
POLICIES: Final[Mapping[str, Callable[[DeliverySettings], Policy]]] = {
    "baseline": lambda _settings: baseline(),
    "engine": lambda settings: engine(EngineParameters(early_s=settings.lead_s, promise=True)),
    "nearest": lambda _settings: nearest_free,
}
USUAL: Final = "engine"


@dataclass(frozen=True, slots=True)
class Arguments:
    """What was asked for. `speed` story seconds pass in one real second at most; 0: as many as can."""

    orders: int
    couriers: int
    speed: float
    hour_s: float
    interval_s: float
    policy: str
    seed: int
    out: Path | None


def read_arguments(argv: Sequence[str]) -> Arguments:
    """Exits with a message when they make no sense."""
    parser = argparse.ArgumentParser(
        prog="simulate lunch", description=DESCRIPTION, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--orders", type=_from(1), default=300, help="in the hour (default: 300)")
    parser.add_argument("--couriers", type=_from(1), default=60, help="online (default: 60)")
    parser.add_argument("--speed", type=_from(0), default=60, help="times as fast; 0: as fast as can be (default: 60)")
    parser.add_argument("--minutes", type=_from(1), default=60, help="in which the orders come (default: 60)")
    parser.add_argument("--interval", type=_from(5), default=30, help="seconds from plan to plan (default: 30)")
    parser.add_argument("--policy", choices=sorted(POLICIES), default=USUAL, help=f"who decides (default: {USUAL})")
    parser.add_argument("--seed", type=_from(0), default=1, help="of what happens (default: 1)")
    parser.add_argument("--out", type=Path, help="folder for summary.json and lunch.svg")
    given = parser.parse_args(argv)
    return Arguments(
        orders=given.orders,
        couriers=given.couriers,
        speed=given.speed,
        hour_s=given.minutes * 60.0,
        interval_s=given.interval,
        policy=given.policy,
        seed=given.seed,
        out=given.out,
    )


def _from(least: int) -> Callable[[str], int]:
    def number(text: str) -> int:
        try:
            value = int(text)
        except ValueError:
            value = least - 1
        if value < least:
            raise argparse.ArgumentTypeError(f"give a whole number from {least} on")
        return value

    return number
