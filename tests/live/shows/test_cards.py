"""Product cards: lists, deals, pins, and two hands on one list."""

import asyncio

import pytest

from live.shows.cards import MAX_CARDS, WantedCard
from live.shows.errors import BadCards, CardUnknown, WrongStatus
from live.shows.lifecycle import Move
from live.shows.model import Show
from live.shows.products import CardProducts
from live.shows.views import card_views
from orders.model import Option, ProductDetails
from tests.live.shows.conftest import HOST, Studio


async def with_cards(studio: Studio, *names: str) -> Show:
    show = await studio.show()
    wanted = [WantedCard(await studio.product(name), 4900) for name in names]
    return await studio.cards.replace(show.id, HOST.user_id, wanted)


async def test_a_product_that_stays_keeps_its_card_and_marks(studio: Studio) -> None:
    show = await with_cards(studio, "rouge", "brush", "tea")
    rouge, brush, tea = show.cards
    await studio.cards.mark(show.id, HOST.user_id, tea.id, {"sold_out": True})
    wanted = [WantedCard(tea.product_id, None), WantedCard(rouge.product_id, 3900)]
    after = await studio.cards.replace(show.id, HOST.user_id, wanted)
    assert [(card.id, card.deal_price, card.sold_out) for card in after.cards] == [
        (tea.id, None, True),
        (rouge.id, 3900, False),
    ]
    assert after.card(brush.id) is None


async def test_the_deal_holds_only_while_pinned_and_live(studio: Studio) -> None:
    show = await with_cards(studio, "rouge", "brush")
    rouge, brush = show.cards

    async def deal(card_id: str = rouge.id, product_id: str = rouge.product_id) -> int | None:
        return await studio.cards.price(show.id, card_id, product_id)

    await studio.cards.pin(show.id, HOST.user_id, rouge.id)
    assert await deal() is None, "the show is not live yet"
    await studio.shows.move(show.id, Move.GO_LIVE)
    assert await deal() == 4900
    assert await deal(product_id=brush.product_id) is None, "the card is of another product"
    await studio.cards.pin(show.id, HOST.user_id, brush.id)
    assert await deal() is None
    assert await deal(brush.id, brush.product_id) == 4900
    await studio.cards.unpin(show.id, HOST.user_id, rouge.id)
    assert await deal(brush.id, brush.product_id) == 4900, "un-pinning another card changes nothing"
    await studio.shows.move(show.id, Move.PAUSE)
    assert await deal(brush.id, brush.product_id) is None


async def test_the_deal_counts_for_every_variant(studio: Studio) -> None:
    small, large = ("50 g", 5900), ("100 g", 9900)
    for weight, price in (small, large, ("gone", 100)):
        details = ProductDetails(
            "tea", "", price, "CNY", (Option("weight", weight),), group_id="grp_tea", on_sale=weight != "gone"
        )
        await studio.catalogue.add_product(details, f"prd_{weight.split()[0]}")
    show = await studio.show()
    cup = await studio.product("cup")
    wanted = [WantedCard("prd_50", 4900), WantedCard(cup, None)]
    card, other = (await studio.cards.replace(show.id, HOST.user_id, wanted)).cards
    await studio.cards.pin(show.id, HOST.user_id, card.id)
    live = await studio.shows.move(show.id, Move.GO_LIVE)
    assert await studio.cards.price(show.id, card.id, "prd_50") == 4900
    assert await studio.cards.price(show.id, card.id, "prd_100") == 8900, "as much less, not as little"
    assert await studio.cards.price(show.id, card.id, "prd_gone") == 1, "never nothing"
    assert await studio.cards.price(show.id, card.id, cup) is None
    assert await studio.cards.price(show.id, card.id, "prd_none") is None
    products = CardProducts(studio.catalogue)
    shown, groups = await products.views(["prd_50", cup]), await products.variants(["grp_tea"])
    views = card_views(live, live.cards, shown, groups, {})
    assert [(one.product_id, one.price, one.list_price) for one in views[0].variants] == [
        ("prd_100", 8900, 9900),
        ("prd_50", 4900, 5900),
    ]
    assert views[0].variants[0].options[0].value == "100 g"
    assert views[1].variants == []
    await studio.cards.pin(show.id, HOST.user_id, other.id)
    assert await studio.cards.price(show.id, card.id, "prd_100") is None


async def test_a_pinned_card_that_leaves_the_list_is_unpinned(studio: Studio) -> None:
    show = await with_cards(studio, "rouge", "brush")
    await studio.cards.pin(show.id, HOST.user_id, show.cards[0].id)
    after = await studio.cards.replace(show.id, HOST.user_id, [WantedCard(show.cards[1].product_id, None)])
    assert after.pinned_card_id is None


async def test_bad_lists_are_refused_with_the_member_at_fault(studio: Studio) -> None:
    show = await studio.show()
    rouge = await studio.product("rouge", price=5900)
    cases: list[tuple[list[WantedCard], str]] = [
        ([WantedCard("prd_none", None)], "cards.0.product_id"),
        ([WantedCard(rouge, None), WantedCard(rouge, 5900)], "cards.1.deal_price"),
        ([WantedCard(rouge, None), WantedCard(rouge, None)], "cards"),
        ([WantedCard(rouge, None)] * (MAX_CARDS + 1), "cards"),
    ]
    for wanted, field in cases:
        with pytest.raises(BadCards) as refused:
            await studio.cards.replace(show.id, HOST.user_id, wanted)
        assert refused.value.field == field
    assert (await studio.shows.show(show.id)).cards == ()


async def test_marks_set_at_the_same_time_are_all_kept(studio: Studio) -> None:
    show = await with_cards(studio, *(f"p{number}" for number in range(4)))
    marks = (studio.cards.mark(show.id, HOST.user_id, card.id, {"sold_out": True}) for card in show.cards)
    await asyncio.gather(*marks)
    assert all(card.sold_out for card in (await studio.shows.show(show.id)).cards)


async def test_no_card_changes_after_the_end(studio: Studio) -> None:
    show = await with_cards(studio, "rouge")
    with pytest.raises(CardUnknown):
        await studio.cards.pin(show.id, HOST.user_id, "crd_none")
    await studio.shows.move(show.id, Move.GO_LIVE)
    await studio.shows.move(show.id, Move.END)
    with pytest.raises(WrongStatus):
        await studio.cards.pin(show.id, HOST.user_id, show.cards[0].id)
