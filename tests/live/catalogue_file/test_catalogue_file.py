"""From a file into the server and back: the same again, only what changed, nothing at all if anything is wrong."""

import asyncio
import copy
import dataclasses
import os
import re
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from unittest.mock import ANY

import pytest

from live.catalogue_file.errors import BadCatalogue, CatalogueFileError
from live.catalogue_file.export import export, write
from live.catalogue_file.reading import SECTIONS, read
from live.catalogue_file.store_row import StoreRow, Week
from live.seed.goods import PRODUCTS
from live.seed.goods import picture as demo_picture
from live.seed.places import STORES
from live.settings import Settings
from orders.catalogue.hours import OpeningHours
from orders.model import Line, ProductImage, Store
from tests.live.catalogue_file.conftest import SHOP, Shop, picture

ROOT = Path(__file__).parents[3]


async def test_what_is_imported_is_sold(shop: Shop) -> None:
    await shop.load()
    catalogue = shop.services.orders.catalogue
    store = await catalogue.store("sto_quay")
    assert store.position == (121.49, 31.0)
    assert store.details.hours.days[1] == ()
    assert store.is_open(datetime(2026, 11, 20, 17, 30, tzinfo=UTC))  # Saturday, 01:30 there: Friday's night
    assert not store.is_open(datetime(2026, 11, 20, 18, 30, tzinfo=UTC))
    [(tea)] = await catalogue.store_products("sto_quay")  # the cup is not on sale
    assert (tea.product.id, tea.product.details.price, tea.level.available) == ("prd_tea", 16800, 40)
    assert await catalogue.image("prd_tea") == ProductImage("image/png", picture())


async def test_export_import_export_is_the_same(shop: Shop, tmp_path: Path) -> None:
    await shop.load()
    for product in PRODUCTS[:2]:
        await shop.services.orders.catalogue.add_product(product.details(), product.id)
        await shop.services.orders.catalogue.set_image(product.id, demo_picture(product))
    first = await export(shop.services.orders, "all-pictures")
    assert [row.key for row in first.products] == ["cup", "demolip1", "demolip2", "tea"]
    assert first.pictures["all-pictures/tea.png"] == picture()
    assert first.stores[0].hours.friday == ("20:00-02:00",)
    path = tmp_path / "out" / "all.json"
    write(first, path)
    assert sorted(one.name for one in path.parent.rglob("*.*")) == [
        "all.json",
        "demolip1.svg",
        "demolip2.svg",
        "tea.png",
    ]

    before = await shop.documents()
    same = Shop(path, shop.services)
    assert (await same.load()).lines == ()
    assert await shop.documents() == before
    await shop.services.database.db.client.drop_database(shop.services.database.db.name)
    await same.load()
    assert await export(shop.services.orders, "all-pictures") == first


def test_the_demo_city_fits_into_a_file() -> None:
    for key, details in STORES.items():
        assert StoreRow.of(Store(f"sto_demo{key}", details)).details() == details
    assert Week.of(OpeningHours.daily("09:00-09:00", "21:30-00:00")).monday == ("09:00-09:00", "21:30-24:00")


async def test_only_what_changed_is_written(shop: Shop) -> None:
    await shop.load()
    assert (await shop.load()).lines == ()
    before = await shop.documents()
    await shop.services.orders.catalogue.pause("sto_quay", True)
    content = shop.content
    content["products"][0] |= {"price": 15900, "barcode": "96385074"}
    content["stock"][1]["on_hand"] = 7
    content["stores"] = []
    shop.write(content)
    assert (await shop.load()).lines == ("product tea: price, barcode", "stock quay cup: 0 to 7")
    after = await shop.documents()
    assert after["products"][0] == before["products"][0]
    changed = {"price": 15900, "barcode": "96385074", "gtin": "00000096385074", "folded": ANY, "revision": 4}
    assert after["products"][1] == before["products"][1] | changed
    assert after["product_images"] == before["product_images"]
    assert [d["revision"] for d in after["stock"]] == [2, 1]
    assert after["stores"] == [before["stores"][0] | {"paused": True}]

    (shop.path.parent / "pictures" / "tea.png").write_bytes(picture("JPEG"))
    assert (await shop.load()).lines == ("product tea: pictures",)
    assert (await shop.services.orders.catalogue.image("prd_tea")).content_type == "image/jpeg"
    del content["products"][0]["image"]
    shop.write(content)
    assert (await shop.load()).lines == ()
    assert await shop.services.orders.catalogue.find_image("prd_tea")


async def test_a_plan_tells_all_and_writes_nothing(shop: Shop) -> None:
    assert (await shop.plan()).lines == (
        "store quay: new",
        "product tea: new, pictures",
        "product cup: new",
        "price tea quay: price 15900, member 14900",
        "stock quay tea: new, 40",
        "stock quay cup: new, 0",
    )
    assert not any((await shop.documents()).values())


WEIGHT = [{"name": "weight", "value": "50 G"}]
CORNERS = [[121.4, 30.9], [121.6, 30.9], [121.6, 31.1], [121.4, 31.1], [121.4, 30.9]]
AREA = {"type": "Polygon", "coordinates": [CORNERS]}
BOW = {"type": "Polygon", "coordinates": [[CORNERS[0], CORNERS[2], CORNERS[1], CORNERS[3], CORNERS[0]]]}
FAR = {"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], [0, 0]]]}
BAD: list[tuple[str, int, dict[str, Any], str, str]] = [
    ("stores", 0, {"key": "Quay"}, ".key", "pattern"),
    ("stores", 0, {"name": " "}, ".name", "blank"),
    ("stores", 0, {"name": None}, ".name", "valid string"),
    ("stores", 0, {"address": "x" * 501}, ".address", "500"),
    ("stores", 0, {"position": {"lon": 181, "lat": 0}}, ".position.lon", "180"),
    ("stores", 0, {"position": {"lon": 0, "lat": float("nan")}}, ".position.lat", "finite"),
    ("stores", 0, {"position": [1, 2]}, ".position", "dictionary"),
    ("stores", 0, {"time_zone": "Asia/Atlantis"}, ".time_zone", "IANA"),
    ("stores", 0, {"time_zone": "../etc"}, ".time_zone", "IANA"),
    ("stores", 0, {"hours": {"mon": []}}, ".hours.mon", "not permitted"),
    ("stores", 0, {"hours": {"monday": ["9-21"]}}, ".hours.monday[0]", "09:00-21:00"),
    ("stores", 0, {"hours": {"monday": ["09:00-21:60"]}}, ".hours.monday[0]", "09:00-21:00"),
    ("stores", 0, {"delivery_radius_m": 0}, ".delivery_radius_m", "greater than 0"),
    ("stores", 0, {"delivery_radius_m": "5000"}, ".delivery_radius_m", "valid number"),
    ("stores", 0, {"delivery_radius_m": None}, ".delivery_radius_m", "either a radius or an area"),
    ("stores", 0, {"area": AREA}, ".delivery_radius_m", "either a radius or an area"),
    ("stores", 0, {"area": {"type": "Point", "coordinates": []}}, ".area.type", "Polygon"),
    ("stores", 0, {"area": BOW, "delivery_radius_m": None}, ".area", "Self-intersection"),
    ("stores", 0, {"area": FAR, "delivery_radius_m": None}, ".area", "further than"),
    ("stores", 0, {"special_days": [{"date": "2026-02-29"}]}, ".special_days[0].date", "2026-12-25"),
    ("stores", 0, {"special_days": [{"date": "2026-02-28", "hours": ["9-5"]}]}, ".special_days[0].hours[0]", "09:00"),
    ("stores", 0, {"special_days": [{"date": "2026-02-28"}] * 2}, ".special_days", "twice"),
    ("stores", 0, {"capacity": 0}, ".capacity", "greater than"),
    ("products", 1, {"key": "tea"}, "", "products[0]"),
    ("products", 1, {"name": "\t"}, ".name", "blank"),
    ("products", 1, {"price": 0}, ".price", "greater than 0"),
    ("products", 1, {"price": 69.5}, ".price", "integer"),
    ("products", 1, {"price": "6900"}, ".price", "integer"),
    ("products", 1, {"currency": "EUR"}, ".currency", "CNY only"),
    ("products", 1, {"options": [{"name": "size", "value": ""}]}, ".options[0].value", "blank"),
    ("products", 1, {"barcode": 690}, ".barcode", "valid string"),
    ("products", 1, {"barcode": "6901234567890"}, ".barcode", "check digit"),
    ("products", 1, {"barcode": "6901234567892"}, ".barcode", "prd_tea has this barcode"),
    ("products", 1, {"tax_class": "Reduced"}, ".tax_class", "pattern"),
    ("products", 1, {"options": [{"name": "a", "value": "1"}, {"name": "A", "value": "2"}]}, ".options", "twice"),
    ("products", 1, {"group": "longjing"}, ".options", "needs options"),
    ("products", 1, {"group": "longjing", "options": WEIGHT}, ".options", "prd_tea has the same options"),
    ("products", 1, {"image": "pictures/tea.png", "pictures": []}, ".image", "either image or pictures"),
    ("products", 1, {"pictures": [{"file": "no.png"}]}, ".pictures", "No such file"),
    ("prices", 0, {"product": "none"}, ".product", "no product none"),
    ("prices", 0, {"store": "none"}, ".store", "no store none"),
    ("prices", 0, {"price": 0}, ".price", "greater than 0"),
    ("prices", 0, {"store": None}, ".price", "product's own"),
    ("products", 1, {"colour": "red"}, ".colour", "not permitted"),
    ("products", 1, {"image": "pictures/none.png"}, ".image", "No such file"),
    ("products", 1, {"image": "pictures"}, ".image", "directory"),
    ("products", 1, {"image": "../secret.png"}, ".image", "in the folder"),
    ("products", 1, {"image": "/etc/passwd"}, ".image", "in the folder"),
    ("products", 1, {"image": "shop.json"}, ".image", "not a whole"),
    ("stock", 1, {"product": "tea"}, "", "tea in quay is in stock[0]"),
    ("stock", 1, {"product": "none"}, ".product", "no product none"),
    ("stock", 1, {"store": "none"}, ".store", "no store none"),
    ("stock", 1, {"on_hand": -1}, ".on_hand", "greater than or equal to 0"),
    ("stock", 1, {"on_hand": True}, ".on_hand", "integer"),
]


async def test_every_bad_row_is_told_and_nothing_is_written(shop: Shop) -> None:
    """Each case alone, then all of them in one file."""
    for section, place, wrong, field, reason in BAD:
        content = copy.deepcopy(SHOP)
        content[section][place] |= wrong
        shop.write(content)
        refusals = await shop.refusals()
        path = f"{section}[{place}]{field}"
        assert reason in refusals.pop(path, ""), (path, refusals)
        assert not refusals or "key" in wrong, refusals  # nothing else, but for rows that name the key
    content = copy.deepcopy(SHOP)
    for number, (section, place, wrong, *_) in enumerate(BAD):
        row = (
            content[section][place]
            | ({"key": f"{section}{number}"} if "key" in content[section][place] else {})
            | wrong
        )
        content[section].append(row)
    content |= {"people": []}
    shop.write(content)
    refusals = await shop.refusals()
    assert len(refusals) == len(BAD) + 1
    places = [(path.split("[")[0], int((re.findall(r"\d+", path) or [-1])[0])) for path in refusals]
    assert places == sorted(places, key=lambda place: (["people", *SECTIONS].index(place[0]), place[1]))
    assert not any((await shop.documents()).values())


async def test_a_bad_store_is_told_once(shop: Shop) -> None:
    content = shop.content
    content["stores"][0]["time_zone"] = "Mars"
    shop.write(content)
    assert list(await shop.refusals()) == ["stores[0].time_zone"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (b'{"stores": [}', "line 1, column 13"),
        (b"[]", "must be an object"),
        (b'{"stores": "\xff"}', "UTF-8"),
        (b'{"stores": ' + b"9" * 5000 + b"}", "digits"),
        (b"[" * 100_000, "recursion"),
    ],
)
def test_what_is_no_catalogue_at_all(text: bytes, told: str, tmp_path: Path) -> None:
    path = tmp_path / "bad.json"
    path.write_bytes(text)
    with pytest.raises(BadCatalogue, match=told):
        read(path)
    with pytest.raises(BadCatalogue, match="No such file"):
        read(tmp_path / "none.json")


def test_a_section_must_be_a_list_of_objects(tmp_path: Path) -> None:
    path = tmp_path / "bad.json"
    path.write_text('\ufeff{"stores": {}, "products": [3]}', encoding="utf-8")
    assert [str(one).split(":")[0] for one in read(path).problems] == ["stores", "products[0]"]


async def test_pieces_that_orders_hold_are_not_counted_away(shop: Shop) -> None:
    await shop.load()
    until = datetime.now(UTC) + timedelta(minutes=5)
    line = Line("prd_tea", "Tea", 4, 1, 1, None)
    stock = shop.services.orders.stock
    assert await stock.reserve("sto_quay", "ord_1", [line], until) is None
    content = shop.content | {"stores": [], "products": [], "prices": []}
    content["stock"][0]["on_hand"] = 3
    content["stock"][1]["on_hand"] = 9
    shop.write(content)
    assert await shop.refusals() == {"stock[0].on_hand": "open orders hold 4 pieces"}
    content["stock"][0]["on_hand"] = 4
    shop.write(content)
    await shop.load()
    levels = await stock.available(["sto_quay"], ["prd_tea", "prd_cup"])
    assert {level.product_id: (level.on_hand, level.available) for level in levels.values()} == {
        "prd_tea": (4, 0),
        "prd_cup": (9, 9),
    }
    assert [row.on_hand for row in (await export(shop.services.orders, "x")).stock] == [9, 4]


async def test_what_no_file_can_hold_is_not_exported(shop: Shop) -> None:
    await shop.load()
    product = await shop.services.orders.catalogue.product("prd_tea")
    twin = dataclasses.replace(product.details, group_id=None, barcode="")
    await shop.services.orders.catalogue.add_product(twin, "prd_Tea")
    with pytest.raises(BadCatalogue, match=re.escape("prd_Tea.key")):
        await export(shop.services.orders, "x")


async def test_a_place_that_cannot_be_written_is_told(shop: Shop) -> None:
    await shop.load()
    content = await export(shop.services.orders, "x")
    with pytest.raises(CatalogueFileError, match="cannot be written"):
        write(content, shop.path / "below" / "a-file.json")


async def test_the_commands(shop: Shop, house_settings: Settings, tmp_path: Path) -> None:
    environment = os.environ | {
        "MONGODB_URI": house_settings.mongodb_uri,
        "REDIS_URL": house_settings.redis_url,
        "NEARLIVE_MONGODB_DATABASE": house_settings.mongodb_database,
        "NEARLIVE_DATA": str(tmp_path / "data"),
    }

    async def catalogue(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "live", "catalogue", *arguments]
        return await asyncio.to_thread(
            subprocess.run, command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
        )

    dry = await catalogue("import", str(shop.path), "--dry-run")
    assert dry.returncode == 0, dry.stderr
    assert dry.stdout.endswith("1 stores, 2 products, 1 prices, 2 counts of stock would change; nothing was written\n")
    assert not any((await shop.documents()).values())
    done = await catalogue("import", str(shop.path))
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("store quay: new\nproduct tea: new, pictures\n")
    out = tmp_path / "out.json"
    saved = await catalogue("export", str(out))
    assert saved.returncode == 0, saved.stderr
    assert (tmp_path / "out-pictures" / "tea.png").read_bytes() == picture()
    again = await catalogue("import", str(out))
    assert again.stdout == "0 stores, 0 products, 0 prices, 0 counts of stock imported\n"
    shop.write({"products": [{"key": "x"}]})
    bad = await catalogue("import", str(shop.path))
    assert bad.returncode == 1
    assert "  - products[0].name: Field required\n  - products[0].price: Field required\n" in bad.stderr
    assert "Traceback" not in bad.stderr


def test_the_example_of_the_documentation_is_right(tmp_path: Path) -> None:
    page = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    example = re.search(r"```json\n(\{\s+\"stores\".*?)```", page, re.DOTALL)
    assert example
    (tmp_path / "pictures").mkdir()
    (tmp_path / "pictures" / "longjing.jpg").write_bytes(picture("JPEG"))
    path = tmp_path / "shop.json"
    path.write_text(example[1], encoding="utf-8")
    draft = read(path)
    assert draft.problems == ()
    assert draft.stores
    assert draft.stock
    assert draft.pictures
