"""Product cards in a show: attach, order, pin with a deal price, un-pin, mark as sold out."""

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from live.shows.errors import BadCards, CardUnknown, Changing, WrongStatus
from live.shows.events import ShowCardsChanged
from live.shows.model import Card, Show, Status, new_id, variant_deal
from live.shows.shows import Clock, Outbox, ShowService, Transactions
from live.shows.store import ShowStore, cards_value

MAX_CARDS = 100
TRIES = 5


class Prices(Protocol):
    """What the catalogue charges: product id → price in minor units, for the products that exist."""

    async def prices(self, product_ids: Sequence[str]) -> Mapping[str, int]:
        """Prices of those of the products that exist."""

    async def sibling_prices(self, product_id: str, other_id: str) -> tuple[int, int] | None:
        """The prices of both, if they are variants of one another."""


@dataclasses.dataclass(frozen=True, slots=True)
class WantedCard:
    """A card as the associate's list names it."""

    product_id: str
    deal_price: int | None


class CardService:
    """Cards. Each change replaces the whole list where its revision is still the one that was read."""

    def __init__(
        self,
        store: ShowStore,
        shows: ShowService,
        transactions: Transactions,
        outbox: Outbox,
        clock: Clock,
        prices: Prices,
    ) -> None:
        self._store = store
        self._shows = shows
        self._transactions = transactions
        self._outbox = outbox
        self._clock = clock
        self._prices = prices

    async def replace(self, show_id: str, by: str, wanted: Sequence[WantedCard]) -> Show:
        """Set the list and its order; a product that stays keeps its card's id and marks."""
        if len(wanted) > MAX_CARDS:
            raise BadCards(f"A show has at most {MAX_CARDS} cards.", "cards")
        prices = await self._prices.prices([card.product_id for card in wanted])
        for index, card in enumerate(wanted):
            if card.product_id not in prices:
                raise BadCards("There is no such product.", f"cards.{index}.product_id")
            _check_deal(card.deal_price, prices[card.product_id], f"cards.{index}.deal_price")
        if len({card.product_id for card in wanted}) != len(wanted):
            raise BadCards("A product can be in a show once.", "cards")

        def edit(show: Show) -> Show:
            kept = {card.product_id: card for card in show.cards}
            cards = tuple(
                dataclasses.replace(kept[card.product_id], deal_price=card.deal_price)
                if card.product_id in kept
                else Card(new_id("crd"), card.product_id, card.deal_price, sold_out=False)
                for card in wanted
            )
            still = any(card.id == show.pinned_card_id for card in cards)
            return dataclasses.replace(show, cards=cards, pinned_card_id=show.pinned_card_id if still else None)

        return await self._edit(show_id, by, edit)

    async def mark(self, show_id: str, by: str, card_id: str, changes: Mapping[str, Any]) -> Show:
        """Change `deal_price` (None: no deal) or `sold_out` of one card; absent members stay."""
        if changes.get("deal_price") is not None:
            card = _card(await self._shows.own(show_id, by), card_id)
            prices = await self._prices.prices([card.product_id])
            _check_deal(changes["deal_price"], prices.get(card.product_id, 0), "deal_price")

        def edit(show: Show) -> Show:
            _card(show, card_id)
            cards = tuple(dataclasses.replace(c, **changes) if c.id == card_id else c for c in show.cards)
            return dataclasses.replace(show, cards=cards)

        return await self._edit(show_id, by, edit)

    async def pin(self, show_id: str, by: str, card_id: str) -> Show:
        """Pin this card, and so un-pin the one before it."""

        def edit(show: Show) -> Show:
            _card(show, card_id)
            if show.pinned_card_id == card_id:
                return show
            return dataclasses.replace(show, pinned_card_id=card_id, pinned_at=self._clock())

        return await self._edit(show_id, by, edit)

    async def unpin(self, show_id: str, by: str, card_id: str) -> Show:
        """Un-pin this card; nothing happens if another one is pinned by now."""

        def edit(show: Show) -> Show:
            _card(show, card_id)
            if show.pinned_card_id != card_id:
                return show
            return dataclasses.replace(show, pinned_card_id=None, pinned_at=None)

        return await self._edit(show_id, by, edit)

    async def price(self, show_id: str, card_id: str, product_id: str) -> int | None:
        """What a buyer pays now through this card instead of the product's price (the port `Deals` of orders).

        The deal of a card counts for every variant of its product.
        """
        show = await self._store.get(show_id)
        card = show.card(card_id) if show else None
        deal = show.deal_for(card_id) if show and card else None
        if card is None or deal is None or card.product_id == product_id:
            return deal
        prices = await self._prices.sibling_prices(card.product_id, product_id)
        return None if prices is None else variant_deal(prices[0], deal, prices[1])

    async def _edit(self, show_id: str, by: str, edit: Callable[[Show], Show]) -> Show:
        for _ in range(TRIES):
            show = await self._shows.own(show_id, by)
            if show.status is Status.ENDED:
                raise WrongStatus("The show has ended.")
            changed = edit(show)
            if changed == show:
                return show
            if await self._save(show, changed, self._clock()):
                return await self._shows.show(show_id)
        raise Changing("The cards are being changed from another place; try again.")

    async def _save(self, show: Show, changed: Show, now: datetime) -> bool:
        fields = {
            "cards": cards_value(changed.cards),
            "pinned_card_id": changed.pinned_card_id,
            "pinned_at": changed.pinned_at if changed.pinned_card_id else None,
            "revision": show.revision + 1,
        }
        condition = {"revision": show.revision, "status": {"$ne": Status.ENDED.value}}

        async def body(session: Any) -> bool:
            if not await self._store.change(show.id, condition, fields, session):
                return False
            await self._outbox.add(ShowCardsChanged(id=new_id("evt"), at=now, show_id=show.id), session)
            return True

        return bool(await self._transactions.run(body))


def _card(show: Show, card_id: str) -> Card:
    card = show.card(card_id)
    if card is None:
        raise CardUnknown("There is no such card in this show.")
    return card


def _check_deal(deal_price: int | None, price: int, field: str) -> None:
    if deal_price is not None and not 0 < deal_price < price:
        raise BadCards("A deal price is above zero and below the product's price.", field)
