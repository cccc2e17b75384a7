"""The demo city: whole, the same after a second time, and good enough for a first order."""

import xml.etree.ElementTree as ET
from datetime import UTC, datetime
from typing import Any

import pytest

from live.seed import seed
from live.seed.goods import PRODUCTS, picture
from live.seed.people import DEMO_PEOPLE, PASSWORD
from live.seed.places import STORES, store_id
from live.settings import Settings
from tests.house import House, running


@pytest.mark.parametrize("product", PRODUCTS, ids=lambda product: product.key)
def test_pictures_are_drawings(product: object) -> None:
    image = picture(product)  # type: ignore[arg-type]
    assert image.content_type == "image/svg+xml"
    assert b"$" not in image.data
    assert len(ET.fromstring(image.data)) >= 4  # noqa: S314 - our own drawing
    assert picture(product) == image  # type: ignore[arg-type]


def test_people_have_their_own_logins() -> None:
    assert len({person.login for person in DEMO_PEOPLE}) == len(DEMO_PEOPLE) == 20
    assert {person.store for person in DEMO_PEOPLE if person.store} == set(STORES)


async def test_the_city(house_settings: Settings) -> None:
    await seed(house_settings)
    async with running(house_settings) as house:
        services = house.services
        first = await services.shows.near((121.47, 31.23))
        await seed(house_settings)
        assert await services.shows.near((121.47, 31.23)) == first
        assert [len(shows) for shows in first] == [0, 2]

        stores = await house.nobody.ask("GET", "/api/stores?lon=121.47&lat=31.23")
        assert len(stores.body["items"]) == 6
        assert all(store["in_range"] for store in stores.body["items"])
        # One keeps the New Year.
        assert sum(store["open"] for store in stores.body["items"]) >= 5
        beyond = (await house.nobody.ask("GET", "/api/stores?lon=121.47&lat=31.195")).body["items"]
        assert {one["id"]: one["in_range"] for one in beyond}[store_id("wukang")]
        east = (await house.nobody.ask("GET", "/api/stores?lon=121.487&lat=31.195")).body["items"]
        wukang = next(one for one in east if one["id"] == store_id("wukang"))
        assert (wukang["distance_m"] < 5000, wukang["in_range"]) == (True, False)
        shelf = (await house.nobody.ask("GET", f"/api/stores/{store_id('bund')}/products")).body["items"]
        assert len(shelf) > 15
        image = await house.nobody.ask("GET", shelf[0]["image_url"])
        assert image.headers["Content-Type"] == "image/svg+xml"

        shows = (await house.nobody.ask("GET", "/api/shows")).body["upcoming"]
        cover = await house.nobody.ask("GET", shows[0]["cover_url"])
        assert cover.headers["Content-Type"] == "image/jpeg"
        show = (await house.nobody.ask("GET", f"/api/shows/{shows[0]['id']}")).body
        assert len(show["cards"]) == 6
        assert [one["options"][0]["value"] for one in show["cards"][0]["variants"]] == ["枫叶 Maple", "豆沙 Rose"]
        bags = (await house.nobody.ask("GET", "/api/products/prd_demobag2")).body["variants"]
        assert len({tuple(option["value"] for option in one["options"]) for one in bags}) == 4
        [tea] = await services.orders.prices.rows(["prd_demotea2"])
        assert (tea.store_id, tea.listed.member_price) == (None, 6200)
        assert show["cards"][0]["deal_price"] < show["cards"][0]["product"]["price"]

        for login in ("associate1", "staff1", "courier1", "operator", "admin", "member1"):
            body = {"login": login, "password": PASSWORD}
            assert (await house.nobody.ask("POST", "/api/session/sign-in", json=body)).status == 200
        await _has_coupons_that_work(house, show)
        await _is_brought_into_the_future(house_settings)


async def _has_coupons_that_work(house: House, show: dict[str, Any]) -> None:
    assert show["coupon"]["id"] == "cpn_demowelcome"
    known = await house.services.orders.promotions.coupons.latest(None, 10)
    assert {coupon.id for _, coupon in known} == {"cpn_demowelcome", "cpn_demonew", "cpn_demoyuli"}
    pinnable = await house.services.orders.promotions.coupons.pinnable(show["id"], store_id("yuyuan"))
    assert {coupon.id for coupon in pinnable} == {"cpn_demowelcome", "cpn_demoyuli"}
    buyer = await house.guest()
    assert (await buyer.ask("POST", "/api/coupons/cpn_demowelcome/claim")).status == 200
    assert (await buyer.ask("POST", "/api/me/coupons", json={"code": "newhere"})).status == 200
    body = {
        "show_id": show["id"],
        "lines": [{"product_id": "prd_demolip1", "quantity": 1}],
        "address": {"position": {"lon": 121.4906, "lat": 31.2261}},
    }
    offer = await buyer.ask("POST", "/api/quotes", json=body)
    assert [one["coupon_id"] for one in offer.body["parts"][0]["coupons"]] == ["cpn_demonew"]
    body["coupons"] = ["cpn_demowelcome"]
    assert (await buyer.ask("POST", "/api/quotes", json=body)).body["parts"][0]["discount"] == 1000


async def _is_brought_into_the_future(settings: Settings) -> None:
    async with running(settings) as house:
        _, upcoming = await house.services.shows.near((121.47, 31.23))
        late = datetime(2020, 1, 1, tzinfo=UTC)
        for show in upcoming:
            await house.services.shows.edit(show.id, show.associate_id, None, late)
        await seed(settings)
        _, again = await house.services.shows.near((121.47, 31.23))
        assert {show.id for show in again} == {show.id for show in upcoming}
