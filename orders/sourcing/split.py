"""The plan for a basket that no single store has: the fewest stores that together have it. Pure, and bounded."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

from orders.sourcing.candidate import Candidate, Levels, Part, PartLine, Wanted


@dataclass(frozen=True, slots=True)
class _Plan:
    """One way to do it. `given` is by store in the order of the candidates: (product, pieces)."""

    given: tuple[tuple[PartLine, ...], ...]
    divided: int
    ranks: tuple[int, ...]


def plan(
    lines: Sequence[Wanted], candidates: Sequence[Candidate], levels: Levels, most: int
) -> tuple[Part, ...] | None:
    """What each of the fewest candidates gives; None if no `most` of them have everything.

    Of equally many stores, those that divide the fewest lines between them, then the ones earlier among the candidates.
    A line is divided only if none of the chosen stores has all of it. With n candidates at most
    C(n, 2) + … + C(n, most) sets are looked at.
    """
    shelves = [{line.product_id: _held(one.store_id, line.product_id, levels) for line in lines} for one in candidates]
    for size in range(1, most + 1):
        found = [
            one
            for ranks in combinations(range(len(candidates)), size)
            if (one := _fill(lines, [shelves[rank] for rank in ranks], ranks)) is not None
        ]
        if found:
            best = min(found, key=lambda one: (one.divided, sum(one.ranks), one.ranks))
            return tuple(Part(candidates[rank], given) for rank, given in zip(best.ranks, best.given, strict=True))
    return None


def _held(store_id: str, product_id: str, levels: Levels) -> int:
    level = levels.get((store_id, product_id))
    return 0 if level is None else level.available


def _fill(lines: Sequence[Wanted], shelves: Sequence[dict[str, int]], ranks: tuple[int, ...]) -> _Plan | None:
    """Every line from these stores, each of which must give something; None if they cannot."""
    given: list[list[PartLine]] = [[] for _ in shelves]
    divided = 0
    for line in lines:
        held = [shelf[line.product_id] for shelf in shelves]
        whole = next((index for index, pieces in enumerate(held) if pieces >= line.quantity), None)
        if whole is not None:
            given[whole].append(PartLine(line.product_id, line.quantity))
            continue
        if sum(held) < line.quantity:
            return None
        divided += 1
        missing = line.quantity
        for index in sorted(range(len(held)), key=lambda one: (-held[one], one)):
            pieces = min(held[index], missing)
            if pieces:
                given[index].append(PartLine(line.product_id, pieces))
                missing -= pieces
    return _Plan(tuple(map(tuple, given)), divided, ranks) if all(given) else None
