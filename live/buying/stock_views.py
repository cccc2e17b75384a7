"""What the API and the topics say of stock, its ledger and transfers, to people who work with it."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from pydantic import BaseModel

from live.shows.products import product_view
from live.shows.views import ProductView
from orders.model import Product, StockLevel
from orders.stock.movement import Movement, MovementKind
from orders.stock.transfers.transfer import Transfer, TransferStatus

if TYPE_CHECKING:
    from live.services import Services

SYSTEM = "system"


class StockView(BaseModel):
    """One product in one store. `available` is what buyers can have; `low` when that is few."""

    product: ProductView
    barcode: str
    on_hand: int
    reserved: int
    safety: int
    available: int
    low: bool


class MovementView(BaseModel):
    """One row of the ledger. `reason` is null, or of the list of adjustments; `by_name` null for the system.

    `ref` is the order or transfer that it belongs to, `counted` what a count found.
    """

    id: str
    at: datetime
    kind: MovementKind
    change: int
    safety: int
    reason: str | None
    text: str
    ref: str | None
    counted: int | None
    by_name: str | None


class TransferStoreView(BaseModel):
    """An end of a transfer."""

    id: str
    name: str


class TransferLineView(BaseModel):
    """Pieces of one product; `received` and `short` are null until they were counted. The product may be gone."""

    product_id: str
    product: ProductView | None
    sent: int
    received: int | None
    short: int | None


class TransferStepView(BaseModel):
    """When a transfer came to a status, by whom and with which words."""

    status: TransferStatus
    at: datetime
    by_name: str | None
    text: str


class TransferView(BaseModel):
    """Goods between two stores."""

    id: str
    status: TransferStatus
    from_store: TransferStoreView
    to_store: TransferStoreView
    lines: list[TransferLineView]
    history: list[TransferStepView]
    sent_at: datetime


def stock_view(product: Product, level: StockLevel, low_stock: int) -> StockView:
    """A product as its store has it; `low_stock` pieces or fewer are low."""
    return StockView(
        product=product_view(product),
        barcode=product.details.barcode,
        on_hand=level.on_hand,
        reserved=level.reserved,
        safety=level.safety,
        available=level.available,
        low=level.available <= low_stock,
    )


async def movement_views(services: "Services", movements: Sequence[Movement]) -> list[MovementView]:
    """In their order."""
    names = await _names(services, [one.by for one in movements])
    return [
        MovementView(
            id=one.id,
            at=one.at,
            kind=one.kind,
            change=one.change,
            safety=one.safety,
            reason=one.reason or None,
            text=one.text,
            ref=one.ref or None,
            counted=one.counted,
            by_name=names.get(one.by),
        )
        for one in movements
    ]


async def transfer_views(services: "Services", transfers: Sequence[Transfer]) -> list[TransferView]:
    """In their order."""
    catalogue = services.orders.catalogue
    products = await catalogue.products({line.product_id for one in transfers for line in one.lines})
    stores = await catalogue.stores({store for one in transfers for store in (one.from_store, one.to_store)})
    names = await _names(services, [step.by for one in transfers for step in one.history])
    ends = {store.id: TransferStoreView(id=store.id, name=store.name) for store in stores.values()}
    return [
        TransferView(
            id=one.id,
            status=one.status,
            from_store=ends[one.from_store],
            to_store=ends[one.to_store],
            lines=[
                TransferLineView(
                    product_id=line.product_id,
                    product=product_view(products[line.product_id]) if line.product_id in products else None,
                    sent=line.sent,
                    received=line.received,
                    short=None if line.received is None else line.short,
                )
                for line in one.lines
            ],
            history=[
                TransferStepView(status=step.status, at=step.at, by_name=names.get(step.by), text=step.text)
                for step in one.history
            ],
            sent_at=one.sent_at,
        )
        for one in transfers
    ]


async def _names(services: "Services", ids: Sequence[str]) -> dict[str, str]:
    people = {id_ for id_ in ids if id_ != SYSTEM}
    return {user_id: user.name for user_id, user in (await services.accounts.users(people)).items()}
