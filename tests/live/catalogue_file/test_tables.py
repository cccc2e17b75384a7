"""CSV, bad rows left out, prices, variants and areas: a shop as its spreadsheets say."""

import copy
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from live.catalogue_file import sheet
from live.catalogue_file.errors import BadCatalogue
from live.catalogue_file.export import export, write
from live.catalogue_file.faults import ALL_CODES
from live.catalogue_file.plan import make_plan
from live.catalogue_file.reading import read, read_upload
from live.catalogue_file.writing import carry_out
from orders.catalogue.price_list import ListedPrice
from tests.live.catalogue_file.conftest import SHOP, Shop

STORES = """key,name,address,lon,lat,time_zone,monday,sunday,special_days,delivery_radius_m,capacity,phone
quay,码头店 Quay,"1 Quay Street, left",121.49,31,Asia/Shanghai,09:00-12:30 14:00-24:00,closed,\
2026-12-25 closed Christmas; 2026-12-24 09:00-14:00,4000,12,021-5550-0100
"""
PRODUCTS = """\ufeffkey;name;price;group;options;barcode;on_sale
tee-red-m;T 恤 Tee;9900;tee;"颜色 Colour=红 Red; Size=M";6901234567892;yes

tee-red-l;T 恤 Tee;10900;tee;"颜色 Colour=红 Red; Size=L";;是
cup;Cup;6900;;;96385074;no
"""
PRICES = """product\tstore\tprice\tmember_price
tee-red-m\t\t\t8900
tee-red-m\tquay\t9500\t
"""
STOCK = "store,product,on_hand,safety\nquay,tee-red-m,12,2\nquay,cup,0,\n"
TABLES = {"stores": STORES.replace("\\\n", ""), "products": PRODUCTS, "prices": PRICES, "stock": STOCK}


def folder(path: Path, tables: Mapping[str, str] = TABLES) -> Path:
    path.mkdir(exist_ok=True)
    for name, text in tables.items():
        (path / f"{name}.csv").write_text(text, encoding="utf-8")
    return path


async def test_tables_are_imported(shop: Shop, tmp_path: Path) -> None:
    shop.path = folder(tmp_path / "tables")
    await shop.load()
    orders = shop.services.orders
    store = (await orders.catalogue.store("sto_quay")).details
    assert (store.address, store.capacity, len(store.hours.days[0]), store.hours.days[6]) == (
        "1 Quay Street, left",
        12,
        2,
        (),
    )
    assert [(one.date.isoformat(), len(one.intervals), one.note) for one in store.hours.special] == [
        ("2026-12-25", 0, "Christmas"),
        ("2026-12-24", 1, ""),
    ]
    group = (await orders.catalogue.variants(["grp_tee"]))["grp_tee"]
    assert [(one.id, one.details.options[1].value, one.details.on_sale) for one in group] == [
        ("prd_tee-red-l", "L", True),
        ("prd_tee-red-m", "M", True),
    ]
    assert group[0].details.options[0].name == "颜色 Colour"
    assert (await orders.prices.of(["sto_quay"], ["prd_tee-red-m"])) == {
        ("sto_quay", "prd_tee-red-m"): ListedPrice(9500, 8900)
    }
    [level] = (await orders.stock.available(["sto_quay"], ["prd_tee-red-m"])).values()
    assert (level.on_hand, level.safety) == (12, 2)
    assert (await shop.load()).lines == ()


async def test_tables_and_json_say_the_same(shop: Shop, tmp_path: Path) -> None:
    """Out as CSV, out as JSON, into an empty server from each: the same."""
    content = copy.deepcopy(SHOP)
    ring = [[121.4, 30.9], [121.6, 30.9], [121.6, 31.1], [121.4, 30.9]]
    content["stores"].append(
        content["stores"][0]
        | {
            "key": "pier",
            "area": {"type": "Polygon", "coordinates": [ring]},
            "special_days": [
                {"date": "2026-11-11", "hours": [], "note": "11 11; sale"},
                {"date": "2026-11-12", "hours": ["10:00-11:00"], "note": "late"},
            ],
        }
    )
    del content["stores"][1]["delivery_radius_m"]
    content["products"][0] |= {
        "options": [{"name": "a=b", "value": "c;d"}],
        "pictures": [{"file": "pictures/tea.png", "alt": "a tin; green"}],
        "description": 'two\nlines, "quoted"',
    }
    del content["products"][0]["image"]
    shop.write(content)
    await shop.load()
    orders = shop.services.orders
    first = await export(orders, "pictures")
    assert first.rows("stores")[0]["key"] == "pier"
    write(first, tmp_path / "tables")
    write(first, tmp_path / "all.json")
    assert (tmp_path / "tables" / "stores.csv").read_bytes().startswith(b"\xef\xbb\xbfkey,")
    before = await shop.documents()
    for path in (tmp_path / "tables", tmp_path / "all.json"):
        shop.path = path
        assert (await shop.load()).lines == (), path
    for path in (tmp_path / "tables", tmp_path / "all.json"):
        await shop.services.database.db.client.drop_database(shop.services.database.db.name)
        shop.path = path
        await shop.load()
        assert await export(orders, "pictures") == first, path
        assert len(await shop.documents()) == len(before)


async def test_rows_are_told_as_a_spreadsheet_counts_them(shop: Shop, tmp_path: Path) -> None:
    products = PRODUCTS.replace("10900", "109.00").replace("96385074;no", "96385075;maybe;too;much")
    stock = "store,product,on_hand\nquay,tee-red-m,many\npier,cup,1\n"
    shop.path = folder(tmp_path / "tables", TABLES | {"products": products, "stock": stock})
    plan = await shop.plan()
    told = [(p.section, p.row, p.column, p.code, p.value) for p in plan.problems]
    assert told == [
        ("products", 4, "price", "not_a_number", "109.00"),
        ("products", 5, "barcode", "bad_barcode", "96385075"),
        ("products", 5, "on_sale", "not_yes_no", "maybe"),
        ("products", 5, "column 8", "unknown_column", "too"),
        ("stock", 2, "on_hand", "not_a_number", "many"),
        ("stock", 3, "store", "unknown_store", "pier"),
    ]
    assert str(plan.problems[0]) == "products row 4, price: Input should be a valid integer (read: 109.00)"
    with pytest.raises(BadCatalogue, match="products row 4, price"):
        plan.accept()
    assert not any((await shop.documents()).values())


async def test_bad_rows_can_be_left_out_with_what_needs_them(shop: Shop, tmp_path: Path) -> None:
    products = PRODUCTS.replace("9900;tee", "cheap;tee")
    shop.path = folder(tmp_path / "tables", TABLES | {"products": products})
    plan = await make_plan(shop.services.orders, read(shop.path), skip_bad=True)
    assert [(p.section, p.row, p.column, p.code) for p in plan.problems] == [
        ("products", 2, "price", "not_a_number"),
        ("prices", 2, "product", "depends"),
        ("prices", 3, "product", "depends"),
        ("stock", 2, "product", "depends"),
    ]
    plan.accept(skip_bad=True)
    await carry_out(shop.services.orders, plan)
    assert [one.id for one in await shop.services.orders.catalogue.all_products()] == ["prd_cup", "prd_tee-red-l"]
    assert await shop.services.orders.prices.rows() == []
    shop.path = folder(tmp_path / "tables")
    assert len((await shop.load()).changes) == 4


async def test_variants_and_barcodes_against_the_server(shop: Shop, tmp_path: Path) -> None:
    shop.path = folder(tmp_path / "tables")
    await shop.load()
    clash = "key,name,price,group,options,barcode\n"
    clash += "new,Tee,1,tee,颜色 Colour=红 red; Size=m,\n"
    clash += "other,Tee,1,tee,Size=M,\n"
    clash += "third,Tee,1,,,000096385074\n"
    shop.path = folder(tmp_path / "more", {"products": clash.replace("颜色", '"颜色').replace("Size=m,", 'Size=m",')})
    problems = (await shop.plan()).problems
    assert [(p.row, p.column, p.code) for p in problems] == [
        (2, "options", "bad_options"),
        (3, "options", "bad_options"),
        (4, "barcode", "barcode_taken"),
    ]
    # Variants may change places, and so may barcodes.
    swap = PRODUCTS.replace("Size=M", "Size=X").replace("Size=L", "Size=M").replace("Size=X", "Size=L")
    swap = swap.replace("6901234567892", "?").replace("96385074", "6901234567892").replace("?", "96385074")
    shop.path = folder(tmp_path / "swap", {"products": swap})
    assert [change.what for change in (await shop.load()).changes] == ["options, barcode", "options", "barcode"]
    assert (await shop.services.orders.catalogue.by_barcode("96385074")).id == "prd_tee-red-m"


async def test_prices_are_changed_and_taken_out(shop: Shop, tmp_path: Path) -> None:
    shop.path = folder(tmp_path / "tables")
    await shop.load()
    shop.path = folder(tmp_path / "more", {"prices": "product,store,price,member_price\ntee-red-m,,,\ncup,quay,,100\n"})
    assert (await shop.load()).lines == ("price tee-red-m *: none", "price cup quay: member 100")
    assert [(row.product_id, row.store_id) for row in await shop.services.orders.prices.rows()] == [
        ("prd_cup", "sto_quay"),
        ("prd_tee-red-m", "sto_quay"),
    ]
    assert (await shop.load()).lines == ()


def test_what_spreadsheets_of_china_write() -> None:
    draft = read_upload("key,name,price\ntea,明前龙井,100\n".encode("gb18030"), table=True, most_rows=10)
    assert draft.products[0].name == "明前龙井"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "first line"),
        ("\n1,2", "first line"),
        ("colour,size\n1,2\n", "columns of one section"),
        ("key,name\n1,2\n", "columns are missing: price"),
        ("key,name,price,price\n", "twice: price"),
        ("key,name,price,\n", "without a name"),
        ('key,name,price\n"a,b,1\n', "not CSV"),
        ("key,name,price\n" + "a,b,1\n" * 11, "more than 10"),
    ],
)
def test_tables_without_rows_to_look_at(text: str, told: str) -> None:
    with pytest.raises(BadCatalogue, match=told):
        read_upload(text.encode(), table=True, most_rows=10)


def test_folders_must_hold_what_their_names_say(tmp_path: Path) -> None:
    with pytest.raises(BadCatalogue, match=r"none of stores\.csv"):
        read(tmp_path)
    with pytest.raises(BadCatalogue, match="holds products"):
        read(folder(tmp_path / "tables", {"stock": PRODUCTS}))


def test_an_upload_brings_no_pictures() -> None:
    text = json.dumps({"products": [SHOP["products"][0]]}).encode()
    draft = read_upload(text, table=False, most_rows=10)
    assert [(p.path, p.code) for p in draft.problems] == [("products[0].image", "no_pictures")]
    assert not draft.products


def test_columns_are_those_of_the_rows() -> None:
    """Every column has a reader or is text, and every code that is told is one that pages know."""
    row: dict[str, Any] = {name: None for columns in sheet.COLUMNS.values() for name in columns}
    for section, columns in sheet.COLUMNS.items():
        assert sheet.write(section, [row]).splitlines()[0] == "\ufeff" + ",".join(columns)
        assert set(sheet.REQUIRED[section]) <= set(columns)
    assert "bad_value" in ALL_CODES
