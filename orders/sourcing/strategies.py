"""The strategies: each a key to sort stores by, the least first."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from orders.model import StoreNear
from orders.ports import DeliveryTerms
from orders.sourcing.why import SourcingStrategy

Rank: TypeAlias = tuple[float, float, str]


@dataclass(frozen=True, slots=True)
class Supplier:
    """A store that has every line, with what strategies look at. `terms` are known only if the strategy needs them."""

    near: StoreNear
    spare: int
    show_store: bool
    terms: DeliveryTerms | None = None


class Strategy(Protocol):
    """Puts suppliers in order. `needs_terms`: it has to know what delivery promises before it can; `needs_all`: a store
    further away may be better than a nearer one."""

    @property
    def needs_terms(self) -> bool: ...

    @property
    def needs_all(self) -> bool: ...

    def rank(self, supplier: Supplier) -> Rank:
        """What to sort by; ends in distance and id, so that equal stores come in one order everywhere."""
        ...


def _by(first: float, supplier: Supplier) -> Rank:
    return first, supplier.near.distance_m, supplier.near.store.id


class Nearest:
    """As the crow flies."""

    needs_terms = False
    needs_all = False

    def rank(self, supplier: Supplier) -> Rank:
        return _by(supplier.near.distance_m, supplier)


class Soonest:
    """By the end of the promised window."""

    needs_terms = True
    needs_all = True

    def rank(self, supplier: Supplier) -> Rank:
        return _by(float("inf") if supplier.terms is None else supplier.terms.minutes_to, supplier)


class HighestStock:
    """By what is left of the scarcest line."""

    needs_terms = False
    needs_all = True

    def rank(self, supplier: Supplier) -> Rank:
        return _by(-supplier.spare, supplier)


class ShowStore:
    """The show's own store before all others."""

    needs_terms = False
    needs_all = False

    def rank(self, supplier: Supplier) -> Rank:
        return _by(0 if supplier.show_store else 1, supplier)


STRATEGIES: Mapping[SourcingStrategy, Strategy] = {
    SourcingStrategy.NEAREST: Nearest(),
    SourcingStrategy.SOONEST: Soonest(),
    SourcingStrategy.HIGHEST_STOCK: HighestStock(),
    SourcingStrategy.SHOW_STORE: ShowStore(),
}
