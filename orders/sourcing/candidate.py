"""Stores that can make up an order, or a part of one."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from orders.model import StockLevel, StoreNear
from orders.ports import DeliveryTerms
from orders.sourcing.why import Why


class Wanted(Protocol):
    """So many pieces of a product: a priced line, or what a buyer asks for."""

    @property
    def product_id(self) -> str: ...

    @property
    def quantity(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Candidate:
    """A store that seems to have everything, what bringing it costs and takes, and why it comes at this place."""

    near: StoreNear
    terms: DeliveryTerms
    why: Why

    @property
    def store_id(self) -> str:
        return self.near.store.id


@dataclass(frozen=True, slots=True)
class PartLine:
    """So many pieces of a product from one store."""

    product_id: str
    quantity: int


@dataclass(frozen=True, slots=True)
class Part:
    """What one store gives to a basket that several stores make up."""

    candidate: Candidate
    lines: tuple[PartLine, ...]


Levels = Mapping[tuple[str, str], StockLevel]


def lacking(lines: Iterable[Wanted], store_id: str, levels: Levels) -> str | None:
    """The first product of which the store has too little, None if it has everything."""
    for line in lines:
        level = levels.get((store_id, line.product_id))
        if level is None or level.available < line.quantity:
            return line.product_id
    return None


def spare(lines: Iterable[Wanted], store_id: str, levels: Levels) -> int:
    """How much of the scarcest line is left there after this basket; below zero if it lacks pieces."""
    left = (_available(store_id, line.product_id, levels) - line.quantity for line in lines)
    return min(left, default=0)


def _available(store_id: str, product_id: str, levels: Levels) -> int:
    level = levels.get((store_id, product_id))
    return 0 if level is None else level.available
