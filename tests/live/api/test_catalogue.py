"""The catalogue over HTTP: stores, products, prices and pictures by admins, files up and down, barcodes."""

import io
import json
from typing import Any

import pytest
from PIL import Image

from tests.house import Answer, Caller, House

TEE: dict[str, Any] = {
    "key": "tee",
    "name": "Tee",
    "price": 9900,
    "group": "tee",
    "options": [{"name": "size", "value": "M"}],
    "barcode": "6901234567892",
}


@pytest.fixture
async def admin(house: House) -> Caller:
    return await house.sign_in("admin")


def photo(form: str = "JPEG", size: tuple[int, int] = (2400, 1200), mode: str = "RGB") -> bytes:
    out = io.BytesIO()
    exif = Image.Exif()
    exif[0x0112], exif[0x010E] = 6, "where it was taken"
    more = {"exif": exif} if form == "JPEG" else {}
    Image.new(mode, size, (200, 30, 60, 90)[: len(mode)]).save(out, form, **more)
    return out.getvalue()


async def upload(
    admin: Caller, data: bytes, kind: str = "image/jpeg", alt: str = "", product: str = "prd_tea"
) -> Answer:
    path = f"/api/catalogue/products/{product}/pictures?alt={alt}"
    return await admin.ask("POST", path, data=data, headers={"Content-Type": kind})


async def send(admin: Caller, text: str | bytes, kind: str = "text/csv", **query: str) -> Answer:
    options = "&".join(f"{name}={value}" for name, value in query.items())
    data = io.BytesIO(text.encode() if isinstance(text, str) else text)
    return await admin.ask("POST", f"/api/catalogue/import?{options}", data=data, headers={"Content-Type": kind})


async def test_a_store_is_read_changed_and_written(house: House, admin: Caller) -> None:
    [near] = [one for one in (await admin.ask("GET", "/api/catalogue/stores")).body["items"] if one["id"] == "sto_near"]
    assert (near["open"], near["paused"], near["taken"], near["row"]["capacity"]) == (True, False, 0, None)
    row = near["row"] | {"capacity": 5, "special_days": [{"date": "2030-01-01", "hours": [], "note": "New Year"}]}
    written = await admin.ask("PUT", "/api/catalogue/stores/sto_near", json=row)
    assert (written.status, written.body["row"]["capacity"]) == (200, 5)
    assert written.body["row"]["special_days"] == row["special_days"]
    store = await house.services.orders.catalogue.store("sto_near")
    assert store.details.hours.special[0].note == "New Year"
    new = await admin.ask("PUT", "/api/catalogue/stores/sto_pier", json=row | {"key": "pier"})
    assert (new.status, new.body["id"]) == (200, "sto_pier")
    other = await admin.ask("PUT", "/api/catalogue/stores/sto_near", json=row | {"key": "pier"})
    assert (other.status, other.code, other.body["field"]) == (422, "invalid_store", "key")
    bow = [[121.4, 31.2], [121.5, 31.3], [121.5, 31.2], [121.4, 31.3], [121.4, 31.2]]
    area = row | {"area": {"type": "Polygon", "coordinates": [bow]}, "delivery_radius_m": None}
    refused = await admin.ask("PUT", "/api/catalogue/stores/sto_near", json=area)
    assert (refused.code, refused.body["field"]) == ("invalid_store", "area")
    assert "Self-intersection" in refused.body["detail"]


async def test_products_variants_and_prices(house: House, admin: Caller) -> None:
    made = await admin.ask("PUT", "/api/catalogue/products/prd_tee", json=TEE)
    assert (made.status, made.body["variants"], made.body["prices"]) == (200, [], [])
    large = TEE | {"key": "tee-l", "options": [{"name": "size", "value": "L"}], "barcode": ""}
    second = await admin.ask("PUT", "/api/catalogue/products/prd_tee-l", json=large)
    assert [one["id"] for one in second.body["variants"]] == ["prd_tee"]
    for wrong, field in (
        ({"key": "other"}, "key"),
        ({"options": [{"name": "size", "value": "m"}]}, "options"),
        ({"barcode": "6901234567892"}, "barcode"),
        ({"image": "a.png"}, "pictures"),
    ):
        answer = await admin.ask("PUT", "/api/catalogue/products/prd_tee-l", json=large | wrong)
        assert (answer.status, answer.code, answer.body["field"]) == (422, "invalid_product", field)
    prices = [{"store_id": "sto_near", "price": 9500}, {"member_price": 8900}]
    listed = await admin.ask("PUT", "/api/catalogue/products/prd_tee/prices", json={"items": prices})
    assert listed.body["prices"] == [
        {"store_id": None, "price": None, "member_price": 8900},
        {"store_id": "sto_near", "price": 9500, "member_price": None},
    ]
    fewer = await admin.ask("PUT", "/api/catalogue/products/prd_tee/prices", json={"items": prices[:1]})
    assert [one["store_id"] for one in fewer.body["prices"]] == ["sto_near"]
    unknown = {"items": [{"store_id": "sto_none", "price": 1}]}
    assert (await admin.ask("PUT", "/api/catalogue/products/prd_tee/prices", json=unknown)).code == "invalid_product"
    found = (await admin.ask("GET", "/api/catalogue/products?q=te&limit=2")).body
    assert len(found["items"]) == 2
    rest = (await admin.ask("GET", f"/api/catalogue/products?q=te&after={found['next']}")).body
    assert {one["id"] for one in found["items"] + rest["items"]} == {"prd_tea", "prd_tee", "prd_tee-l"}
    page = (await house.nobody.ask("GET", "/api/products/prd_tee")).body
    assert [one["options"][0]["value"] for one in page["variants"]] == ["L", "M"]
    assert (await house.nobody.ask("GET", "/api/products/prd_none")).code == "not_found"


def seen(answer: Answer) -> dict[str, str]:
    return {"If-Match": f'"{answer.body["revision"]}"'}


async def test_two_who_change_a_store_do_not_undo_each_other(house: House, admin: Caller) -> None:
    path, fresh = "/api/catalogue/stores/sto_pier", {"If-None-Match": "*"}
    [near] = [one for one in (await admin.ask("GET", "/api/catalogue/stores")).body["items"] if one["id"] == "sto_near"]
    row = near["row"] | {"key": "pier", "name": "Pier"}
    made = await admin.ask("PUT", path, json=row, headers=fresh)
    assert (made.status, made.body["revision"]) == (200, 1)
    again = await admin.ask("PUT", path, json=row | {"name": "Another"}, headers=fresh)
    assert (again.status, again.code, again.body["field"]) == (412, "key_taken", "key")
    first = await admin.ask("PUT", path, json=row | {"phone": "021-1"}, headers=seen(made))
    assert (first.status, first.body["revision"]) == (200, 2)
    late = await admin.ask("PUT", path, json=row | {"capacity": 3}, headers=seen(made))
    assert (late.status, late.code) == (412, "changed_since")
    assert (await house.services.orders.catalogue.store("sto_pier")).details.capacity is None
    for headers in ({"If-Match": "2"}, {"If-Match": "*"}, {"If-None-Match": '"2"'}, fresh | seen(made)):
        assert (await admin.ask("PUT", path, json=row, headers=headers)).code == "invalid_header"
    assert (await admin.ask("PUT", path, json=row)).body["revision"] == 3
    told = [(one["action"], one["detail"]) for one in (await admin.ask("GET", "/api/console/audit")).body["items"]]
    assert told == [
        ("catalogue.store", {"changed": "phone"}),
        ("catalogue.store", {"changed": "phone"}),
        ("catalogue.add_store", {}),
    ]


async def test_two_who_change_a_product_do_not_undo_each_other(house: House, admin: Caller) -> None:
    path = "/api/catalogue/products/prd_tee"
    made = await admin.ask("PUT", path, json=TEE, headers={"If-None-Match": "*"})
    assert (await admin.ask("PUT", path, json=TEE, headers={"If-None-Match": "*"})).code == "key_taken"
    taken = {"key": "jug", "name": "Jug", "price": 100, "barcode": TEE["barcode"]}
    refused = await admin.ask("PUT", "/api/catalogue/products/prd_jug", json=taken, headers={"If-None-Match": "*"})
    assert (refused.code, refused.body["field"]) == ("invalid_product", "barcode")
    prices = {"items": [{"member_price": 8900}]}
    listed = await admin.ask("PUT", f"{path}/prices", json=prices, headers=seen(made))
    assert listed.status == 200
    assert listed.body["revision"] > made.body["revision"]
    for sub, body in (("", TEE | {"barcode": ""}), ("/prices", {"items": []}), ("/pictures", {"items": []})):
        late = await admin.ask("PUT", path + sub, json=body, headers=seen(made))
        assert (late.status, late.code) == (412, "changed_since"), sub
    kept = await admin.ask("GET", path)
    assert [one["member_price"] for one in kept.body["prices"]] == [8900]
    cheaper = await admin.ask("PUT", path, json=TEE | {"barcode": "", "price": 9050}, headers=seen(kept))
    assert cheaper.body["revision"] == kept.body["revision"] + 1
    assert (await admin.ask("GET", f"/api/catalogue/barcodes/{TEE['barcode']}")).code == "not_found"
    # A picture and a file move it as well: whoever looked before must look again.
    pictured = await upload(admin, photo(), product="prd_tee")
    assert (await admin.ask("PUT", path, json=TEE, headers=seen(cheaper))).code == "changed_since"
    await send(admin, "product,member_price\ntee,8800\n", dry_run="false")
    assert (await admin.ask("PUT", f"{path}/prices", json=prices, headers=seen(pictured))).code == "changed_since"
    log = [(one["action"], one["detail"]) for one in (await admin.ask("GET", "/api/console/audit")).body["items"]]
    assert log[1:] == [
        ("catalogue.pictures", {"pictures": 1}),
        ("catalogue.product", {"changed": "price, barcode", "price": "99.00 → 90.50"}),
        ("catalogue.prices", {"changed": "*"}),
        ("catalogue.add_product", {"price": "99.00"}),
    ]


async def test_a_product_of_a_time_before_revisions(house: House, admin: Caller) -> None:
    made = await admin.ask("PUT", "/api/catalogue/products/prd_tee", json=TEE)
    for name in ("products", "stores"):
        await house.services.database.db[name].update_many({}, {"$unset": {"revision": ""}})
    old = await admin.ask("GET", "/api/catalogue/products/prd_tee")
    assert (made.body["revision"], old.body["revision"]) == (1, 0)
    written = await admin.ask("PUT", "/api/catalogue/products/prd_tee", json=TEE | {"name": "T"}, headers=seen(old))
    assert (written.status, written.body["revision"]) == (200, 1)
    late = await admin.ask("PUT", "/api/catalogue/products/prd_tee", json=TEE, headers=seen(old))
    assert late.code == "changed_since"


async def test_the_terms_of_products(admin: Caller) -> None:
    terms = (await admin.ask("GET", "/api/catalogue/terms")).body
    assert (terms["currency"], terms["prices_include_tax"]) == ("CNY", True)
    assert {"name": "standard", "rate": 1300} in terms["tax_classes"]
    assert "delivery" not in [one["name"] for one in terms["tax_classes"]]


async def test_a_scan(house: House, admin: Caller) -> None:
    await admin.ask("PUT", "/api/catalogue/products/prd_tee", json=TEE)
    staff = await house.sign_in("staff")
    assert (await staff.ask("GET", "/api/catalogue/barcodes/6901234567892")).body["id"] == "prd_tee"
    assert (await staff.ask("GET", "/api/catalogue/barcodes/6901234567891")).code == "invalid_product"
    assert (await staff.ask("GET", "/api/catalogue/barcodes/96385074")).code == "not_found"


async def test_pictures(house: House, admin: Caller) -> None:
    first = await upload(admin, photo(), alt="red%20tin")
    assert (first.status, first.body["pictures"][0]["alt"]) == (201, "red tin")
    second = await upload(admin, photo("PNG", (40, 20), "RGBA"), "image/png")
    one, two = second.body["pictures"]
    shown = await house.nobody.ask("GET", one["url"])
    assert shown.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    image = Image.open(io.BytesIO(shown.body))
    assert (image.format, image.size, len(image.getexif())) == ("JPEG", (800, 1600), 0)
    assert b"where it was" not in shown.body
    assert (await house.nobody.ask("GET", two["url"])).headers["Content-Type"] == "image/webp"
    items = {"items": [{"id": two["id"], "alt": "see-through"}, {"id": one["id"]}]}
    arranged = await admin.ask("PUT", "/api/catalogue/products/prd_tea/pictures", json=items)
    assert [(p["id"], p["alt"]) for p in arranged.body["pictures"]] == [(two["id"], "see-through"), (one["id"], "")]
    assert (await house.nobody.ask("GET", "/api/products/prd_tea/image")).headers["Content-Type"] == "image/webp"
    removed = await admin.ask("DELETE", f"/api/catalogue/products/prd_tea/pictures/{two['id']}")
    assert [p["id"] for p in removed.body["pictures"]] == [one["id"]]
    assert (await house.nobody.ask("GET", two["url"])).code == "not_found"
    assert (await upload(admin, b"no picture")).code == "bad_image"
    assert (await upload(admin, photo()[:500])).code == "bad_image"
    assert (await upload(admin, photo(), "image/gif")).code == "unsupported_media_type"
    assert (await upload(admin, photo(), product="prd_none")).code == "not_found"


async def test_a_file_is_looked_at_then_written(house: House, admin: Caller) -> None:
    text = "key,name,price\ntee,Tee,9900\npot,Pot,free\n"
    looked = (await send(admin, text)).body
    assert looked == {
        "applied": False,
        "rows": {"products": 2},
        "problem_count": 1,
        "problems": [
            {
                "section": "products",
                "row": 3,
                "column": "price",
                "code": "not_a_number",
                "reason": "Input should be a valid integer",
                "value": "free",
            }
        ],
        "change_count": 1,
        "changes": [{"section": "products", "key": "tee", "what": "new"}],
    }
    refused = await send(admin, text, dry_run="false")
    assert not refused.body["applied"]
    catalogue = house.services.orders.catalogue
    assert await catalogue.products(["prd_tee"]) == {}
    written = await send(admin, text, dry_run="false", skip_bad="true")
    assert (written.body["applied"], written.body["problem_count"]) == (True, 1)
    assert list(await catalogue.products(["prd_tee", "prd_pot"])) == ["prd_tee"]
    log = (await admin.ask("GET", "/api/console/audit")).body["items"]
    assert log[0]["action"] == "catalogue.import"
    content = {"stock": [{"store": "near", "product": "tee", "on_hand": 7}]}
    counted = await send(admin, json.dumps(content), "application/json", dry_run="false")
    assert counted.body["changes"] == [{"section": "stock", "key": "near tee", "what": "new, 7"}]


async def test_what_is_no_file(admin: Caller) -> None:
    for text, kind, code in (
        ("[]", "application/json", "bad_form"),
        ("{", "application/json", "bad_form"),
        ("a,b\n", "text/csv", "unknown_column"),
        ("key,name,price\n" + "a,b,1\n" * 20_001, "text/csv", "too_many_rows"),
    ):
        report = (await send(admin, text, kind, dry_run="false")).body
        assert (report["applied"], [one["code"] for one in report["problems"]]) == (False, [code])
    assert (await send(admin, "x", "text/plain")).code == "unsupported_media_type"
    assert (await send(admin, b" " * (8 * 1024 * 1024 + 1))).code == "too_large"


async def test_what_is_taken_home_can_be_sent_again(house: House, admin: Caller) -> None:
    await upload(admin, photo())
    whole = await admin.ask("GET", "/api/catalogue/export")
    assert whole.headers["Content-Disposition"] == 'attachment; filename="catalogue.json"'
    assert set(whole.body) == {"stores", "products", "prices", "stock"}
    assert (await send(admin, json.dumps(whole.body), "application/json")).body["change_count"] == 0
    for section in ("stores", "products", "prices", "stock"):
        table = await admin.ask("GET", f"/api/catalogue/export?format=csv&section={section}")
        assert table.headers["Content-Type"].startswith("text/csv")
        report = (await send(admin, table.body)).body
        assert (report["change_count"], report["problems"]) == (0, []), section
    await house.services.orders.catalogue.add_store(
        (await house.services.orders.catalogue.store("sto_near")).details, "sto_Near"
    )
    assert (await admin.ask("GET", "/api/catalogue/export")).code == "bad_catalogue"
