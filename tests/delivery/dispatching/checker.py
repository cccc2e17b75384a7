"""Is a dispatch solution possible at all? Judged from files alone, by the published rules, with no code of the engine.

Reads an instance of the Meal Delivery Routing Problem (Reyes et al. 2018: `orders`, `couriers`, `restaurants`,
`instance_parameters`, tab-separated, whole minutes and metres) and the three files that its public evaluator reads.
What a courier did is worked out from the moves alone, order by order; what the files claim is then held against it.

Run on a folder of the benchmark: `python -m tests.delivery.dispatching.checker INSTANCE_DIR SOLUTION_DIR`.
"""

import math
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

Place = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Order:
    """As the instance has it. Times are minutes."""

    place: Place
    placed: int
    restaurant: str
    ready: int


@dataclass(frozen=True, slots=True)
class Courier:
    """Where and when a shift begins and ends, minutes."""

    place: Place
    on: int
    off: int


@dataclass(frozen=True, slots=True)
class Rules:
    """The constants of an instance: metres a minute, minutes, dollars."""

    speed: float
    half_pickup: float
    half_dropoff: float
    latest: int
    per_order: float
    per_hour: float


@dataclass(frozen=True, slots=True)
class Instance:
    """All that is given."""

    orders: dict[str, Order]
    couriers: dict[str, Courier]
    restaurants: dict[str, Place]
    rules: Rules

    def travel(self, a: Place, b: Place) -> int:
        """Whole minutes between two places."""
        return math.ceil(math.dist(a, b) / self.rules.speed)


@dataclass(frozen=True, slots=True)
class Bundle:
    """A line of `solution_info_assignments.txt`."""

    assigned: int
    pickup: int
    courier: str
    orders: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Claim:
    """A line of `solution_info_orders.txt`; the last three are None for an undelivered order."""

    order: str
    placed: int
    restaurant: str
    ready: int
    pickup: int | None
    dropoff: int | None
    courier: str | None


@dataclass(frozen=True, slots=True)
class Move:
    """A line of `solution_info_couriers.txt`."""

    courier: str
    departure: int
    origin: str
    destination: str


@dataclass(frozen=True, slots=True)
class Solution:
    """What somebody claims to have done."""

    bundles: list[Bundle]
    claims: list[Claim]
    moves: list[Move]


@dataclass(frozen=True, slots=True)
class Fault:
    """A broken rule: its name, what broke it, and how."""

    rule: str
    subject: str
    text: str

    def __str__(self) -> str:
        return f"{self.rule}: {self.subject}: {self.text}"


@dataclass(frozen=True, slots=True)
class Measures:
    """The published measures, minutes and dollars."""

    undelivered_pct: float
    click_to_door_mean: float
    ready_to_pickup_mean: float
    cost_per_order: float
    orders_per_bundle: float


def read_instance(folder: Path) -> Instance:
    """Read the four files of an instance."""
    speed, pickup, dropoff, _, latest, per_order, per_hour = next(iter(_rows(folder / "instance_parameters.txt", "\t")))
    return Instance(
        orders={
            name: Order((float(x), float(y)), int(placed), restaurant, int(ready))
            for name, x, y, placed, restaurant, ready in _rows(folder / "orders.txt", "\t")
        },
        couriers={
            name: Courier((float(x), float(y)), int(on), int(off))
            for name, x, y, on, off in _rows(folder / "couriers.txt", "\t")
        },
        restaurants={name: (float(x), float(y)) for name, x, y in _rows(folder / "restaurants.txt", "\t")},
        rules=Rules(
            float(speed), float(pickup) / 2, float(dropoff) / 2, int(latest), float(per_order), float(per_hour)
        ),
    )


def read_solution(folder: Path) -> Solution:
    """Read the three files of a solution.

    Raises ValueError where a line has the wrong number of columns or a time is no whole minute.
    """
    claims = []
    for line in _rows(folder / "solution_info_orders.txt"):
        order, placed, restaurant, ready, *done = line
        if len(done) == 3 and done[0].lstrip("-").isdigit():
            claims.append(Claim(order, int(placed), restaurant, int(ready), int(done[0]), int(done[1]), done[2]))
        elif any(one.lstrip("-").isdigit() for one in done):
            raise ValueError(f"{order}: pickup, drop-off and courier, or no numbers: {done}")
        else:
            claims.append(Claim(order, int(placed), restaurant, int(ready), None, None, None))
    return Solution(
        bundles=[
            Bundle(int(assigned), int(pickup), courier, tuple(orders))
            for assigned, pickup, courier, *orders in _rows(folder / "solution_info_assignments.txt")
        ],
        claims=claims,
        moves=[
            Move(courier, int(departure), origin, destination)
            for courier, departure, origin, destination in _rows(folder / "solution_info_couriers.txt")
        ],
    )


def faults(instance: Instance, solution: Solution) -> list[Fault]:
    """Every rule that the solution breaks; empty if it could have happened."""
    found = [*_unknown(instance, solution)]
    if found:  # the rest would stumble over names
        return found
    found += _bundles(instance, solution)
    found += _claims(instance, solution)
    moves = solution.moves
    runs = [one.courier for at, one in enumerate(moves) if at == 0 or moves[at - 1].courier != one.courier]
    found += [Fault("moves_scattered", name, "moves not together") for name, n in Counter(runs).items() if n > 1]
    for courier in instance.couriers:
        found += _Walk(instance, solution, courier).faults()
    return found


def measures(instance: Instance, solution: Solution) -> Measures:
    """The measures of a solution, from its claims; couriers on duty are paid whether they carried or not."""
    done = [one for one in solution.claims if one.pickup is not None and one.dropoff is not None]
    carried = Counter(one.courier for one in done)
    rules = instance.rules
    pay = sum(
        max(rules.per_order * carried[name], rules.per_hour * (one.off - one.on) / 60)
        for name, one in instance.couriers.items()
    )
    count = max(len(done), 1)
    return Measures(
        undelivered_pct=100 * (len(instance.orders) - len(done)) / len(instance.orders),
        click_to_door_mean=sum((one.dropoff or 0) - one.placed for one in done) / count,
        ready_to_pickup_mean=sum((one.pickup or 0) - one.ready for one in done) / count,
        cost_per_order=pay / count,
        orders_per_bundle=len(done) / max(len(solution.bundles), 1),
    )


def _rows(path: Path, separator: str | None = None) -> Iterator[list[str]]:
    """The lines below the header, split."""
    for line in path.read_text().splitlines()[1:]:
        if line.strip():
            yield [part.strip() for part in line.split(separator)]


def _unknown(instance: Instance, solution: Solution) -> Iterator[Fault]:
    places = instance.restaurants.keys() | instance.orders.keys()
    for bundle in solution.bundles:
        if not bundle.orders:
            yield Fault("bundle_empty", bundle.courier, f"picks nothing up at {bundle.pickup}")
        if bundle.courier not in instance.couriers:
            yield Fault("unknown_name", bundle.courier, "no such courier in the instance")
        for order in bundle.orders:
            if order not in instance.orders:
                yield Fault("unknown_name", order, "no such order in the instance")
    for claim in solution.claims:
        if claim.order not in instance.orders:
            yield Fault("unknown_name", claim.order, "no such order in the instance")
        if claim.courier is not None and claim.courier not in instance.couriers:
            yield Fault("unknown_name", claim.courier, "no such courier in the instance")
    for move in solution.moves:
        if move.courier not in instance.couriers:
            yield Fault("unknown_name", move.courier, "no such courier in the instance")
        if move.destination not in places or (move.origin != "0" and move.origin not in places):
            yield Fault("unknown_name", move.courier, f"{move.origin} -> {move.destination} is no way between places")


def _bundles(instance: Instance, solution: Solution) -> Iterator[Fault]:
    carried = Counter(order for bundle in solution.bundles for order in bundle.orders)
    for name, times in carried.items():
        if times > 1:
            yield Fault("order_twice", name, f"in {times} bundles")
    for bundle in solution.bundles:
        first = instance.orders[bundle.orders[0]]
        for name in bundle.orders:
            order = instance.orders[name]
            if order.restaurant != first.restaurant:
                yield Fault("two_restaurants", name, f"in a bundle of {first.restaurant}")
            if bundle.assigned < order.placed:
                yield Fault("look_ahead", name, f"assigned at {bundle.assigned}, placed at {order.placed}")
            if bundle.pickup < order.ready:
                yield Fault("not_ready", name, f"picked up at {bundle.pickup}, ready at {order.ready}")
        if bundle.assigned > bundle.pickup:
            yield Fault("assigned_late", bundle.orders[0], f"at {bundle.assigned}, after pickup at {bundle.pickup}")
        if bundle.pickup > instance.couriers[bundle.courier].off:
            yield Fault("off_duty", bundle.courier, f"picks up at {bundle.pickup}, after its time")


def _claims(instance: Instance, solution: Solution) -> Iterator[Fault]:
    told = Counter(claim.order for claim in solution.claims)
    for name in instance.orders:
        if told[name] != 1:
            yield Fault("orders_told", name, f"told {told[name]} times")
    bundle_of = {order: bundle for bundle in solution.bundles for order in bundle.orders}
    for claim in solution.claims:
        order, bundle = instance.orders[claim.order], bundle_of.get(claim.order)
        if (claim.placed, claim.restaurant, claim.ready) != (order.placed, order.restaurant, order.ready):
            yield Fault("order_changed", claim.order, "placement, restaurant or ready time is not the instance's")
        if claim.dropoff is None:
            if bundle is not None:
                yield Fault("delivery_untold", claim.order, "carried, but told as undelivered")
            continue
        if bundle is None or (claim.courier, claim.pickup) != (bundle.courier, bundle.pickup):
            yield Fault("delivery_invented", claim.order, "no bundle says so")
        if claim.dropoff - order.placed > instance.rules.latest:
            yield Fault("too_late", claim.order, f"delivered {claim.dropoff - order.placed} min after placement")


class _Walk:
    """One courier's day, re-enacted from its moves."""

    def __init__(self, instance: Instance, solution: Solution, name: str) -> None:
        self.instance, self.name = instance, name
        self.courier = instance.couriers[name]
        self.moves = [one for one in solution.moves if one.courier == name]
        self.bundles = sorted((one for one in solution.bundles if one.courier == name), key=lambda one: one.pickup)
        self.dropoffs = {one.order: one.dropoff for one in solution.claims if one.dropoff is not None}

    def faults(self) -> list[Fault]:
        """Walk through the moves; `at` is where, `since` when it could leave at the earliest."""
        found: list[Fault] = []
        waiting = list(self.bundles)
        to_drop: list[str] = []
        at, since, arrived = "0", self.courier.on, float(self.courier.on)
        exact = False  # within a bundle nothing is waited for
        for move in self.moves:
            if not to_drop and waiting and self._picks_up(at, waiting[0], move):
                bundle = waiting.pop(0)
                if bundle.pickup < arrived + self.instance.rules.half_pickup:
                    found.append(self._fault("pickup_early", f"at {at} from {arrived}, picks up at {bundle.pickup}"))
                to_drop = list(bundle.orders)
                since, exact = int(bundle.pickup + self.instance.rules.half_pickup), True
            found += self._leaving(move, at, since, exact=exact, to_drop=to_drop)
            arrived = move.departure + self.instance.travel(self._place(move.origin), self._place(move.destination))
            at, since, exact = move.destination, int(arrived), False
            if at in self.instance.orders:
                dropoff = int(arrived + self.instance.rules.half_dropoff)
                since = int(dropoff + self.instance.rules.half_dropoff)
                found += self._dropping(at, dropoff, to_drop)
                exact = bool(to_drop)
        for bundle in waiting:
            found.append(self._fault("never_fetched", f"bundle {' '.join(bundle.orders)} of {bundle.pickup}"))
        for order in to_drop:
            found.append(self._fault("never_dropped", order))
        return found

    def _picks_up(self, at: str, bundle: Bundle, move: Move) -> bool:
        """Whether the next bundle is taken here, before this move."""
        here = at == self.instance.orders[bundle.orders[0]].restaurant
        return here and move.destination in bundle.orders

    def _leaving(self, move: Move, at: str, since: int, *, exact: bool, to_drop: list[str]) -> Iterator[Fault]:
        if move.origin != at:
            yield self._fault("broken_path", f"is at {at}, leaves from {move.origin} at {move.departure}")
        if move.departure < since:
            rule = "before_shift" if since == self.courier.on and at == "0" else "leaves_early"
            yield self._fault(rule, f"leaves {at} at {move.departure}, could at {since}")
        if exact and move.departure > since:
            yield self._fault("dawdles", f"leaves {at} with food at {move.departure}, could at {since}")
        if to_drop and move.destination != to_drop[0]:
            yield self._fault("diverted", f"goes to {move.destination} with {' '.join(to_drop)} aboard")

    def _dropping(self, order: str, dropoff: int, to_drop: list[str]) -> Iterator[Fault]:
        if order not in to_drop:
            yield self._fault("nothing_to_drop", f"comes to {order} without it")
            return
        to_drop.remove(order)
        if self.dropoffs.get(order) != dropoff:
            yield self._fault("dropoff_time", f"{order} at {dropoff}, told {self.dropoffs.get(order)}")

    def _place(self, name: str) -> Place:
        if name == "0":
            return self.courier.place
        return (
            self.instance.restaurants[name] if name in self.instance.restaurants else self.instance.orders[name].place
        )

    def _fault(self, rule: str, text: str) -> Fault:
        return Fault(rule, self.name, text)


def main(instance_dir: str, solution_dir: str) -> int:
    """Print the faults, or the measures; 1 if there is any fault."""
    instance, solution = read_instance(Path(instance_dir)), read_solution(Path(solution_dir))
    found = faults(instance, solution)
    sys.stdout.write("\n".join(map(str, found)) + "\n" if found else f"{measures(instance, solution)}\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
