"""Variants, barcodes, pictures, and finding products."""

import asyncio
import dataclasses
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orders.catalogue.barcode import check_digit_holds, gtin14
from orders.catalogue.pictures import MAX_PICTURES, picture_id
from orders.errors import InvalidProduct, ProductNotFound
from orders.model import Option, Picture, Product, ProductDetails, ProductImage
from tests.orders.city import City

TEE = ProductDetails("Tee", "Cotton", 9900, "CNY", group_id="grp_tee")


async def variant(city: City, colour: str, size: str, **changed: Any) -> Product:
    options = (Option("colour", colour), Option("size", size))
    details = dataclasses.replace(TEE, **({"options": options} | changed))
    return await city.orders.catalogue.add_product(details, f"prd_{colour}{size}")


@pytest.mark.parametrize(
    ("code", "key"),
    [
        ("6901234567892", "06901234567892"),
        ("96385074", "00000096385074"),
        ("036000291452", "00036000291452"),
        ("0036000291452", "00036000291452"),
        ("16901234567899", "16901234567899"),
        ("6901234567890", None),
        ("690123456789", None),
        ("690123456789２", None),
        ("1", None),
        ("", None),
        ("00000000000000000000", None),
    ],
)
def test_barcodes(code: str, key: str | None) -> None:
    assert gtin14(code) == key


@given(st.text("0123456789", min_size=13, max_size=13), st.integers(0, 12), st.integers(1, 9))
def test_one_wrong_figure_is_always_seen(code: str, place: int, by: int) -> None:
    last = next(one for one in "0123456789" if check_digit_holds(code[:-1] + one))
    right = code[:-1] + last
    assert gtin14(right)
    wrong = right[:place] + str((int(right[place]) + by) % 10) + right[place + 1 :]
    assert gtin14(wrong) is None


async def test_variants_are_products_of_a_group(city: City) -> None:
    for colour, size in (("red", "M"), ("red", "L"), ("blue", "M")):
        await variant(city, colour, size)
    alone = await city.product("cup")
    groups = await city.orders.catalogue.variants(["grp_tee", "grp_none"])
    assert [one.id for one in groups["grp_tee"]] == ["prd_blueM", "prd_redL", "prd_redM"]
    assert groups["grp_none"] == []
    assert alone.details.group_id is None
    await variant(city, "red", "M", price=8900)  # writing one again is not a second one
    assert (await city.orders.catalogue.product("prd_redM")).details.price == 8900


async def test_siblings_must_differ_in_the_same_things(city: City) -> None:
    await variant(city, "red", "M")
    for options in (
        (),
        (Option("colour", "RED "), Option("size", "m")),
        (Option("colour", "green"),),
        (Option("size", "M"), Option("colour", "green")),
    ):
        with pytest.raises(InvalidProduct, match="variant") as caught:
            await variant(city, "green", "M", options=options)
        assert caught.value.field == "options"
    for options in ((Option("size", "M"), Option("Size ", "L")), (Option(" ", "M"),), (Option("size", ""),)):
        with pytest.raises(InvalidProduct):
            await variant(city, "x", "y", options=options, group_id=None)


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"barcode": "6901234567890"}, "barcode"),
        ({"tax_class": "Reduced"}, "tax_class"),
        ({"tax_class": ""}, "tax_class"),
        ({"group_id": "a b"}, "group_id"),
        ({"group_id": ""}, "group_id"),
    ],
)
async def test_bad_products(city: City, changed: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidProduct) as caught:
        await variant(city, "red", "M", **changed)
    assert caught.value.field == field


async def test_a_scan_finds_the_product(city: City) -> None:
    catalogue = city.orders.catalogue
    red = await variant(city, "red", "M", barcode="036000291452")
    await city.product("cup")  # many may have none
    await city.product("pot")
    assert await catalogue.by_barcode("036000291452") == red
    assert await catalogue.by_barcode("0036000291452") == red
    with pytest.raises(InvalidProduct, match="Another product") as caught:
        await variant(city, "blue", "M", barcode="0036000291452")
    assert caught.value.field == "barcode"
    await variant(city, "red", "M", barcode="")
    with pytest.raises(ProductNotFound):
        await catalogue.by_barcode("036000291452")
    await variant(city, "blue", "M", barcode="0036000291452")
    with pytest.raises(InvalidProduct):
        await catalogue.by_barcode("036000291453")


async def test_barcodes_may_change_places(city: City) -> None:
    one, two = "96385074", "6901234567892"
    red, blue = await variant(city, "red", "M", barcode=one), await variant(city, "blue", "M", barcode=two)
    await city.orders.catalogue.put_products(
        {
            red.id: dataclasses.replace(red.details, barcode=two),
            blue.id: dataclasses.replace(blue.details, barcode=one),
        }
    )
    assert (await city.orders.catalogue.by_barcode(one)).id == blue.id
    assert (await city.orders.catalogue.by_barcode(two)).id == red.id


async def test_search(city: City) -> None:
    catalogue = city.orders.catalogue
    for name in ("雾感唇膏 Mist", "Mug (large)", "mug small", "Bowl"):
        await city.product(name.replace(" ", "").replace("(", "").replace(")", ""))
        await catalogue.add_product(ProductDetails(name, "", 100, "CNY"))
    red = await variant(city, "red", "M", barcode="96385074")

    async def names(text: str) -> list[str]:
        found, more = await catalogue.search(text, "", 50)
        assert more is None
        return [one.name for one in found]

    assert "雾感唇膏 Mist" in await names("唇膏")
    assert await names("ＭＵＧ (") == ["Mug (large)"]
    assert await names("9638507") == ["Tee"]
    assert await names("red m") == ["Tee"]
    assert await names("prd_redm") == [red.name]
    assert await names(".*") == []
    everything: list[str] = []
    after: str | None = ""
    while after is not None:
        found, after = await catalogue.search("", after, 4)
        everything += [one.id for one in found]
    assert sorted(everything) == sorted(one.id for one in await catalogue.all_products())


def image(colour: str) -> ProductImage:
    return ProductImage("image/png", colour.encode())


async def test_pictures_are_added_arranged_and_removed(city: City) -> None:
    product, pictures = await city.product("tea"), city.orders.catalogue.pictures
    for colour in ("red", "green", "blue"):
        await pictures.add(product.id, image(colour), f" {colour} tea ")
    again = await pictures.add(product.id, image("green"), "fresh tea")
    ids = [picture_id(one.encode()) for one in ("red", "green", "blue")]
    assert again.pictures == (
        Picture(ids[0], "image/png", "red tea"),
        Picture(ids[1], "image/png", "fresh tea"),
        Picture(ids[2], "image/png", "blue tea"),
    )
    await pictures.arrange(product.id, [(ids[2], "first"), (ids[0], "")])
    kept = await city.orders.catalogue.product(product.id)
    assert [(one.id, one.alt) for one in kept.pictures] == [(ids[2], "first"), (ids[0], "")]
    assert await city.orders.catalogue.image(product.id) == image("blue")
    assert await pictures.image(product.id, ids[0]) == image("red")
    with pytest.raises(ProductNotFound):
        await pictures.image(product.id, ids[1])
    await pictures.remove(product.id, ids[2])
    assert (await pictures.remove(product.id, ids[2])).pictures == (Picture(ids[0], "image/png"),)
    await city.orders.catalogue.add_product(product.details, product.id)
    assert (await city.orders.catalogue.product(product.id)).pictures == (Picture(ids[0], "image/png"),)
    assert await city.database["product_images"].count_documents({}) == 1


async def test_no_more_than_nine_pictures(city: City) -> None:
    product, pictures = await city.product("tea"), city.orders.catalogue.pictures
    await asyncio.gather(*(pictures.add(product.id, image(str(n))) for n in range(3)))
    for n in range(3, MAX_PICTURES):
        await pictures.add(product.id, image(str(n)))
    with pytest.raises(InvalidProduct) as caught:
        await pictures.add(product.id, image("one more"))
    assert caught.value.field == "pictures"
    known = (await city.orders.catalogue.product(product.id)).pictures
    assert len(known) == MAX_PICTURES
    for wanted in ([(known[0].id, ""), (known[0].id, "")], [("0" * 32, "")], [(known[0].id, "x" * 301)]):
        with pytest.raises(InvalidProduct):
            await pictures.arrange(product.id, wanted)
    for work in (pictures.add("prd_none", image("x")), pictures.remove("prd_none", "x")):
        with pytest.raises(ProductNotFound):
            await work


async def test_what_was_kept_before_there_were_variants(city: City) -> None:
    old = {"name": "Old Tea", "description": "", "price": 100, "currency": "CNY", "on_sale": True}
    for number in range(2):
        document = old | {"_id": f"prd_old{number}", "options": ["50 g", "100 g"], "barcode": "96385074"}
        await city.database["products"].insert_one(document)
    await city.database["product_images"].insert_one({"_id": "prd_old0", "content_type": "image/png", "data": b"old"})
    await city.orders.ensure_indexes()
    found, _ = await city.orders.catalogue.search("old tea", "", 10)
    assert [(one.id, one.details.options) for one in found] == [("prd_old0", ()), ("prd_old1", ())]
    assert (await city.orders.catalogue.by_barcode("96385074")).id == "prd_old0"
    assert await city.orders.catalogue.image("prd_old0") == image("old")
