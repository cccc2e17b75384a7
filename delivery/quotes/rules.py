"""Fee rules: bands of distance, hours of the day, steps of demand. Each is read from, and written as, a short text."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import time
from itertools import pairwise
from typing import Final

#: What holds where nobody says otherwise: the first kilometre, and so much for each started one after it.
BANDS: Final = "1000=500,2000=600,3000=700,4000=800,5000=900,6000=1000"
STEPS: Final = "2=100,3=200,5=300"
_BAND: Final = re.compile(r"(\d{1,6})=(\d{1,6})(?:/(\d{1,8}))?")
_HOURS: Final = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)=(\d{1,6})")
_STEP: Final = re.compile(r"(\d{1,3}(?:\.\d{1,2})?)=(\d{1,6})")


@dataclass(frozen=True, slots=True)
class Band:
    """Up to so many metres (straight line) bringing costs `fee`. As text `3000=700`, or `3000=700/5900`.

    `free_from`: free in this band with goods of so much; None: the shop's general threshold counts.
    """

    up_to_m: int
    fee: int
    free_from: int | None = None

    def __str__(self) -> str:
        return f"{self.up_to_m}={self.fee}" + ("" if self.free_from is None else f"/{self.free_from}")


@dataclass(frozen=True, slots=True)
class Hours:
    """From `begins` until before `ends` (local time; the next day if that is earlier) `fee` more: `22:00-06:00=200`."""

    begins: time
    ends: time
    fee: int

    def __contains__(self, at: time) -> bool:
        if self.begins < self.ends:
            return self.begins <= at < self.ends
        return at >= self.begins or at < self.ends

    @property
    def text(self) -> str:
        """Without the fee."""
        return f"{self.begins:%H:%M}-{self.ends:%H:%M}"

    def __str__(self) -> str:
        return f"{self.text}={self.fee}"


@dataclass(frozen=True, slots=True)
class Step:
    """From so many open orders a courier on, `fee` more. As text `1.5=100`. The last step is the most there is."""

    load: float
    fee: int

    def __str__(self) -> str:
        return f"{self.load:g}={self.fee}"


def bands(text: str) -> tuple[Band, ...]:
    """`1000=500,2000=600/5900`, nearest first. Raises ValueError."""
    found = [_matched(_BAND, part, "metres=fee or metres=fee/free_from") for part in _parts(text)]
    read = tuple(Band(int(one[1]), int(one[2]), int(one[3]) if one[3] else None) for one in found)
    if not read:
        raise ValueError("needs a band of distance at least")
    _rising([one.up_to_m for one in read], "metres")
    return read


def hours(text: str) -> tuple[Hours, ...]:
    """`22:00-06:00=200,11:30-13:00=100`. Where several hold, the dearest counts. Raises ValueError."""
    found = [_matched(_HOURS, part, "HH:MM-HH:MM=fee") for part in _parts(text)]
    read = tuple(Hours(time(int(a[1]), int(a[2])), time(int(a[3]), int(a[4])), int(a[5])) for a in found)
    if any(one.begins == one.ends for one in read):
        raise ValueError("hours that end when they begin are none")
    return read


def steps(text: str) -> tuple[Step, ...]:
    """`2=100,3=200`, lowest first. Raises ValueError."""
    read = tuple(Step(float(a[1]), int(a[2])) for a in (_matched(_STEP, part, "load=fee") for part in _parts(text)))
    _rising([one.load for one in read], "orders a courier")
    if any(after.fee < before.fee for before, after in pairwise(read)):
        raise ValueError("more demand never costs less")
    return read


def _parts(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _matched(form: re.Pattern[str], part: str, want: str) -> re.Match[str]:
    found = form.fullmatch(part)
    if found is None:
        raise ValueError(f"{part!r} is not {want}")
    return found


def _rising(values: Sequence[float], what: str) -> None:
    if any(after <= before for before, after in pairwise(values)):
        raise ValueError(f"the {what} must rise from part to part")


@dataclass(frozen=True, slots=True)
class FeeRules:
    """What buyers pay for bringing."""

    bands: tuple[Band, ...] = field(default_factory=lambda: bands(BANDS))
    """The end of the last one is how far we deliver."""
    hours: tuple[Hours, ...] = ()
    steps: tuple[Step, ...] = field(default_factory=lambda: steps(STEPS))
    demand_orders: int = 10
    """With fewer open orders nearby than this there is no talk of demand."""
    free_covers_all: bool = True
    """Off: where bringing is free, what the hour and demand add is still paid."""

    @property
    def range_m(self) -> int:
        """No further than this."""
        return self.bands[-1].up_to_m
