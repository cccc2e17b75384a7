"""The hour as one picture: what waited and who worked, how long it took, and where. Plain SVG, nothing to install."""

import math
from collections.abc import Callable, Iterable, Sequence
from html import escape
from typing import Final

from delivery.geo import Position
from live.simulate.lunch.record import OrderRecord, Record
from live.simulate.lunch.summary import Played, is_late
from live.simulate.lunch.town import SHOPS, span

WIDE, HIGH = 1000, 980
BLUE, ORANGE, GREEN, RED, GREY, INK = "#2563eb", "#d97706", "#15803d", "#dc2626", "#94a3b8", "#0f172a"
BIN_MIN: Final = 5


class Panel:
    """A part of the picture with its own axes."""

    def __init__(self, left: float, top: float, wide: float, high: float) -> None:
        self.left, self.top, self.wide, self.high = left, top, wide, high
        self.x: Callable[[float], float] = float
        self.y: Callable[[float], float] = float

    def scale(self, x_most: float, y_most: float) -> None:
        """From 0 at the lower left to these at the upper right."""
        self.x = lambda value: self.left + self.wide * value / (x_most or 1)
        self.y = lambda value: self.top + self.high * (1 - value / (y_most or 1))

    def axes(self, title: str, x_most: float, y_most: float, x_name: str) -> list[str]:
        """Title, grid and numbers."""
        self.scale(x_most, y_most)
        drawn = [_text(self.left, self.top - 14, title, 15, INK, weight="600")]
        for value in _ticks(y_most):
            drawn.append(_line([(self.left, self.y(value)), (self.left + self.wide, self.y(value))], "#e2e8f0", 1))
            drawn.append(_text(self.left - 8, self.y(value) + 4, f"{value:g}", 11, GREY, anchor="end"))
        below = self.top + self.high + 16
        drawn += [_text(self.x(value), below, f"{value:g}", 11, GREY, anchor="middle") for value in _ticks(x_most)]
        drawn.append(_text(self.left + self.wide, self.top + self.high + 32, x_name, 11, GREY, anchor="end"))
        return drawn


def plot(record: Record, played: Played) -> str:
    """The SVG document."""
    drawn = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDE} {HIGH}" font-family="system-ui, sans-serif">',
        f'<rect width="{WIDE}" height="{HIGH}" fill="#ffffff"/>',
        _text(60, 38, _headline(record, played), 19, INK, weight="700"),
        *_flow(record, Panel(60, 96, 880, 250)),
        *_minutes(record, Panel(60, 430, 400, 240)),
        *_couriers(record, played, Panel(60, 740, 400, 180)),
        *_map(record, Panel(520, 430, 420, 490)),
        "</svg>",
    ]
    return "\n".join(drawn) + "\n"


def _headline(record: Record, played: Played) -> str:
    done = sum(one.delivered_s is not None for one in record.orders.values())
    return f"{done} of {played.orders} orders, {played.couriers} couriers, {played.policy}, seed {played.seed}"


def _flow(record: Record, panel: Panel) -> list[str]:
    """Orders placed and delivered, those that nobody has taken, and couriers at work, over the time."""
    samples = record.samples
    most = max((max(one.placed, one.busy) for one in samples), default=1)
    end = max((one.at_s for one in samples), default=1) / 60
    drawn = panel.axes("The hour: orders and couriers", end, most, "minutes")
    lines: Sequence[tuple[str, str, Sequence[float]]] = (
        ("placed", GREY, [one.placed for one in samples]),
        ("delivered", GREEN, [one.delivered for one in samples]),
        ("without a courier", ORANGE, [one.untaken for one in samples]),
        ("couriers at work", BLUE, [one.busy for one in samples]),
    )
    for at, (name, colour, values) in enumerate(lines):
        points = [(panel.x(one.at_s / 60), panel.y(value)) for one, value in zip(samples, values, strict=True)]
        drawn += [_line(points, colour, 2.5), _text(panel.left + 14, panel.top + 18 + 18 * at, name, 13, colour)]
    return drawn


def _minutes(record: Record, panel: Panel) -> list[str]:
    """How many orders took how long from the click to the door, and how many of those were late."""
    done = [one for one in record.orders.values() if one.delivered_s is not None]
    took = [(int(((one.delivered_s or 0) - one.wish.at_s) / 60 / BIN_MIN), is_late(one)) for one in done]
    last = max((bin_ for bin_, _ in took), default=0) + 1
    counts = [(sum(b == at for b, _ in took), sum(b == at and late for b, late in took)) for at in range(last)]
    drawn = panel.axes(
        "Click to door (late ones in red)", last * BIN_MIN, max((a for a, _ in counts), default=1), "minutes"
    )
    for at, (count, late) in enumerate(counts):
        left, right = panel.x(at * BIN_MIN) + 1, panel.x((at + 1) * BIN_MIN) - 1
        for value, colour in ((count, GREEN), (late, RED)):
            drawn.append(_box(left, panel.y(value), right - left, panel.y(0) - panel.y(value), colour))
    return drawn


def _couriers(record: Record, played: Played, panel: Panel) -> list[str]:
    """When each courier had something in hand: a row a courier."""
    end = max((one.at_s for one in record.samples), default=1.0)
    drawn = panel.axes("Couriers at work, a row each", end / 60, played.couriers, "minutes")
    for one in record.stretches:
        left, right = panel.x(one.begins_s / 60), panel.x((end if one.ends_s is None else one.ends_s) / 60)
        high = panel.high / max(1, played.couriers)
        drawn.append(_box(left, panel.y(one.courier), right - left, max(1.0, high - 0.6), BLUE))
    return drawn


def _map(record: Record, panel: Panel) -> list[str]:
    """Doors by how the promise was kept, with the way from their stores; north is up."""
    orders = list(record.orders.values())
    place = _projection([*(one.wish.door for one in orders), *(shop.position for shop in SHOPS)], panel)
    drawn = [_text(panel.left, panel.top - 14, "Doors: in time, late (red), refused (hollow)", 15, INK, weight="600")]
    drawn += [_line([place(one.wish.shop.position), place(one.wish.door)], "#e2e8f0", 0.7) for one in orders]
    drawn += [_door(one, *place(one.wish.door)) for one in orders]
    for shop in SHOPS:
        x, y = place(shop.position)
        drawn.append(_box(x - 5, y - 5, 10, 10, INK))
        drawn.append(_text(x + 8, y + 4, shop.name.partition(" ")[2] or shop.name, 11, INK))
    return drawn


def _door(one: OrderRecord, x: float, y: float) -> str:
    if one.refused:
        return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="none" stroke="{GREY}"/>'
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{RED if is_late(one) else GREEN}"/>'


def _projection(positions: Sequence[Position], panel: Panel) -> Callable[[Position], tuple[float, float]]:
    (west, south), (east, north) = span(positions)
    squeeze = math.cos(math.radians((south + north) / 2))
    scale = min(panel.wide / max(1e-6, (east - west) * squeeze), panel.high / max(1e-6, north - south))
    return lambda one: (
        panel.left + (one[0] - west) * squeeze * scale,
        panel.top + (north - one[1]) * scale,
    )


def _ticks(most: float) -> Iterable[float]:
    step = 10 ** math.floor(math.log10(max(1.0, most)))
    step = next(one for one in (step / 5, step / 2, step, 2 * step) if most / one <= 8 or one == 2 * step)
    return [at * step for at in range(int(most / step) + 1)]


def _line(points: Sequence[tuple[float, float]], colour: str, width: float) -> str:
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    return f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="{width}"/>'


def _box(x: float, y: float, wide: float, high: float, colour: str) -> str:
    return f'<rect x="{x:.1f}" y="{y:.1f}" width="{wide:.1f}" height="{high:.1f}" fill="{colour}"/>'


def _text(x: float, y: float, what: str, size: int, colour: str, *, anchor: str = "start", weight: str = "400") -> str:
    place = f'x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"'
    return f'<text {place} font-size="{size}" font-weight="{weight}" fill="{colour}">{escape(what)}</text>'
