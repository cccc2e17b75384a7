"""A shop's file with one of everything."""

import copy
import io
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from live.catalogue_file.errors import BadCatalogue
from live.catalogue_file.plan import Plan, make_plan
from live.catalogue_file.reading import read
from live.catalogue_file.writing import carry_out
from live.services import Services, open_services
from live.settings import Settings

SHOP: dict[str, Any] = {
    "stores": [
        {
            "key": "quay",
            "name": "码头店 Quay",
            "address": "1 Quay Street",
            "position": {"lon": 121.49, "lat": 31},
            "time_zone": "Asia/Shanghai",
            "hours": {"monday": ["09:00-12:30", "14:00-24:00"], "friday": ["20:00-02:00"], "sunday": ["00:00-24:00"]},
            "delivery_radius_m": 4000,
            "phone": "021-5550-0100",
        }
    ],
    "products": [
        {
            "key": "tea",
            "name": "Longjing Tea",
            "description": "50 g",
            "price": 16800,
            "currency": "CNY",
            "group": "longjing",
            "options": [{"name": "weight", "value": "50 g"}],
            "barcode": "6901234567892",
            "image": "pictures/tea.png",
        },
        {"key": "cup", "name": "Cup", "price": 6900, "on_sale": False},
    ],
    "prices": [{"store": "quay", "product": "tea", "price": 15900, "member_price": 14900}],
    "stock": [
        {"store": "quay", "product": "tea", "on_hand": 40},
        {"store": "quay", "product": "cup", "on_hand": 0},
    ],
}


def picture(form: str = "PNG", colour: str = "teal") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (8, 8), colour).save(out, form)
    return out.getvalue()


@dataclass
class Shop:
    """A file in a folder, and the server that it is imported into."""

    path: Path
    services: Services

    @property
    def content(self) -> Any:
        """What the file holds now; a copy."""
        return json.loads(self.path.read_text(encoding="utf-8"))

    def write(self, content: Any) -> None:
        self.path.write_text(json.dumps(content), encoding="utf-8")

    async def plan(self) -> Plan:
        return await make_plan(self.services.orders, read(self.path))

    async def load(self) -> Plan:
        plan = await self.plan()
        plan.accept()
        await carry_out(self.services.orders, plan)
        return plan

    async def refusals(self) -> dict[str, str]:
        """Path to reason of all that is wrong."""
        with pytest.raises(BadCatalogue) as caught:
            await self.load()
        return {problem.path: problem.reason for problem in caught.value.problems}

    async def documents(self) -> dict[str, list[Any]]:
        """Everything in the database."""
        db = self.services.database.db
        return {name: [d async for d in db[name].find().sort("_id", 1)] for name in await db.list_collection_names()}


@pytest.fixture
async def shop(house_settings: Settings, tmp_path: Path) -> AsyncIterator[Shop]:
    folder = tmp_path / "shop"
    (folder / "pictures").mkdir(parents=True)
    (folder / "pictures" / "tea.png").write_bytes(picture())
    async with open_services(house_settings) as services:
        shop = Shop(folder / "shop.json", services)
        shop.write(copy.deepcopy(SHOP))
        yield shop
