"""A road server for tests: the table service as OSRM's HTTP documents describe it, over real sockets.

Its town has no roads but a grid: the way is along the longitude, then the latitude. Nothing of our own code is used, so
that a mistake there does not cancel out here.
"""

import asyncio
import math
import re
from dataclasses import dataclass, field

from aiohttp import web

DEGREE_M = 111_195.0
SPEED = {"foot": 1.2, "bike": 4.0, "car": 8.0, "driving": 8.0}  # metres a second
MOST = 100
_NUMBERS = re.compile(r"all|\d+(;\d+)*")


@dataclass
class RoadServer:
    """Switches for its moods, and what it was asked."""

    asked: list[str] = field(default_factory=list)
    slow_s: float = 0.0
    broken: str = ""
    distances: bool = True
    island: tuple[float, float] | None = None
    """No way leads to or from here."""

    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_get("/table/v1/{profile}/{places}", self._table)
        return app

    async def _table(self, request: web.Request) -> web.Response:
        self.asked.append(request.path_qs)
        await asyncio.sleep(self.slow_s)
        if self.broken:
            return web.Response(status=502, text=self.broken)
        profile, query = request.match_info["profile"], request.query
        if profile not in SPEED:
            return _refused("InvalidQuery")
        try:
            places = [(float(a), float(b)) for a, b in (p.split(",") for p in request.match_info["places"].split(";"))]
            sources, targets = (_indices(query.get(name, "all"), len(places)) for name in ("sources", "destinations"))
        except ValueError:
            return _refused("InvalidQuery")
        if len(places) > MOST:
            return _refused("TooBig")
        metres = [[self._metres(places[a], places[b]) for b in targets] for a in sources]
        answer: dict[str, object] = {"code": "Ok", "sources": [], "destinations": []}
        wanted = query.get("annotations", "duration").split(",")
        if "duration" in wanted:
            answer["durations"] = [[m if m is None else round(m / SPEED[profile], 1) for m in row] for row in metres]
        if "distance" in wanted and self.distances:
            answer["distances"] = metres
        return web.json_response(answer)

    def _metres(self, a: tuple[float, float], b: tuple[float, float]) -> float | None:
        if self.island is not None and a != b and self.island in (a, b):
            return None
        east = abs(a[0] - b[0]) * DEGREE_M * math.cos(math.radians(31.2))
        return round(east + abs(a[1] - b[1]) * DEGREE_M, 1)


def _indices(text: str, count: int) -> list[int]:
    if not _NUMBERS.fullmatch(text):
        raise ValueError(text)
    found = list(range(count)) if text == "all" else [int(one) for one in text.split(";")]
    if any(one >= count for one in found):
        raise ValueError(text)
    return found


def _refused(code: str) -> web.Response:
    return web.json_response({"code": code, "message": code}, status=400)
