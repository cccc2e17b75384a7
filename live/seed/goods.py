"""What the demo city sells: 24 products and a few more variants of two, each with a picture that is drawn here."""

from dataclasses import dataclass, replace
from pathlib import Path
from string import Template
from typing import Final

from orders.catalogue.barcode import check_digit_holds
from orders.model import Option, ProductDetails, ProductImage


@dataclass(frozen=True, slots=True)
class DemoProduct:
    """`shape` names the drawing, `hue` its colour (degrees). `price` in fen."""

    key: str
    shape: str
    hue: int
    name: str
    description: str
    price: int
    group: str | None = None
    options: tuple[Option, ...] = ()

    @property
    def id(self) -> str:
        return f"prd_demo{self.key}"

    def details(self) -> ProductDetails:
        """As the catalogue keeps it."""
        group = None if self.group is None else f"grp_demo{self.group}"
        barcode = _barcode(PRODUCTS.index(self))
        return ProductDetails(
            self.name, self.description, self.price, "CNY", self.options, barcode=barcode, group_id=group
        )


def _barcode(number: int) -> str:
    """A GTIN-13 of the range that shops may use among themselves."""
    first = f"20{number + 1:010d}"
    return next(code for code in (f"{first}{figure}" for figure in range(10)) if check_digit_holds(code))


def _shade(name: str) -> tuple[Option, ...]:
    return (Option("色号 Shade", name),)


def _bag(colour: str, size: str) -> tuple[Option, ...]:
    return (Option("颜色 Colour", colour), Option("尺寸 Size", size))


_LIPSTICK: Final = DemoProduct(
    "lip1",
    "lipstick",
    350,
    "雾感唇膏 Mist Lipstick",
    "豆沙色，一抹成雾。Soft matte, dusty rose.",
    8900,
    group="lip1",
    options=_shade("豆沙 Rose"),
)
_TOTE: Final = DemoProduct(
    "bag2",
    "tote",
    235,
    "通勤托特 Commuter Tote",
    "防泼水，两个内袋。Sheds rain, two pockets.",
    18900,
    group="bag2",
    options=_bag("蓝 Blue", "中 M"),
)
_BASE: Final[tuple[DemoProduct, ...]] = (
    _LIPSTICK,
    DemoProduct("lip2", "lipstick", 12, "水光唇釉 Glass Gloss", "不粘杯的水光感。Shine that stays off the cup.", 6900),
    DemoProduct("lip3", "lipstick", 330, "润唇膏 Lip Balm", "蜂蜜与乳木果。Honey and shea.", 3900),
    DemoProduct("ser1", "bottle", 195, "清透精华 Clear Serum", "30 毫升，透明质酸。30 ml, hyaluronic acid.", 15900),
    DemoProduct("ser2", "bottle", 40, "晨光精油 Dawn Oil", "橙花与甜杏仁。Neroli and sweet almond.", 12900),
    DemoProduct("ser3", "bottle", 280, "夜修乳 Night Milk", "薰衣草味的好眠。Lavender, for good sleep.", 13900),
    DemoProduct("can1", "candle", 28, "桂花蜡烛 Osmanthus Candle", "燃烧约 40 小时。Burns about 40 hours.", 11900),
    DemoProduct("can2", "candle", 150, "竹林蜡烛 Bamboo Candle", "雨后的竹子。Bamboo after rain.", 11900),
    DemoProduct("can3", "candle", 220, "海盐香薰 Sea Salt Candle", "干净的海风。Clean sea air.", 9900),
    DemoProduct("tea1", "tin", 90, "明前龙井 Longjing Tea", "50 克，今年新茶。50 g, this year's picking.", 16800),
    DemoProduct("tea2", "tin", 18, "桂圆红茶 Longan Black Tea", "暖的，甜的。Warm and sweet.", 6800),
    DemoProduct("tea3", "tin", 50, "茉莉花茶 Jasmine Tea", "七窨一提。Scented seven times.", 5800),
    DemoProduct(
        "cup1",
        "mug",
        205,
        "青釉马克杯 Celadon Mug",
        "手工，350 毫升。Made by hand, 350 ml.",
        7900,
    ),
    DemoProduct("cup2", "mug", 25, "粗陶杯 Stoneware Mug", "每只都不一样。No two alike.", 6900),
    DemoProduct("cup3", "mug", 340, "樱花杯 Sakura Mug", "遇热变色。Blooms when it is hot.", 8900),
    DemoProduct("bag1", "tote", 45, "帆布袋 Canvas Tote", "能装下一台电脑。Fits a laptop.", 5900),
    _TOTE,
    DemoProduct("bag3", "tote", 5, "小方包 Little Square", "刚好放下手机和口红。For a phone and a lipstick.", 15900),
    DemoProduct("snk1", "box", 30, "手工曲奇 Butter Cookies", "当天烤的，12 块。Baked today, 12 pieces.", 4500),
    DemoProduct("snk2", "box", 345, "草莓大福 Strawberry Daifuku", "6 个，冷藏配送。Six, kept cool.", 5200),
    DemoProduct("snk3", "box", 110, "抹茶生巧 Matcha Ganache", "16 块，入口即化。16 pieces that melt.", 6800),
    DemoProduct("pls1", "plush", 32, "豆豆熊 Bean Bear", "坐高 25 厘米。25 cm tall when sitting.", 7900),
    DemoProduct("pls2", "plush", 200, "云朵鲸 Cloud Whale", "可以当枕头。Doubles as a pillow.", 9900),
    DemoProduct("pls3", "plush", 290, "小紫兔 Violet Bunny", "耳朵可以打结。Its ears tie in a knot.", 6900),
)

#: Those of a group stand at the end: what counts on the places of the first 24 stays right.
PRODUCTS: Final[tuple[DemoProduct, ...]] = (
    *_BASE,
    replace(_LIPSTICK, key="lip1b", hue=18, options=_shade("枫叶 Maple"), description="枫叶红，显白。Warm maple red."),
    replace(_TOTE, key="bag2b", options=_bag("蓝 Blue", "大 L"), price=21900),
    replace(_TOTE, key="bag2c", hue=265, options=_bag("紫 Violet", "中 M")),
    replace(_TOTE, key="bag2d", hue=265, options=_bag("紫 Violet", "大 L"), price=21900),
)

#: Product, store (None: all), price, members' price.
PRICES: Final = (
    ("tea2", None, None, 6200),
    ("cup2", None, None, 5900),
    ("pls1", None, None, 6900),
    ("tea3", "bund", 5200, 4900),
)

_SHAPES: Final = Path(__file__).with_name("shapes")


def picture(product: DemoProduct) -> ProductImage:
    """A drawing on a soft gradient, 600 × 600; the same for the same product."""
    hue, next_hue = product.hue, (product.hue + 24) % 360
    drawing = Template((_SHAPES / f"{product.shape}.svg").read_text(encoding="utf-8"))
    svg = drawing.substitute(
        bright=f"hsl({hue} 62% 66%)",
        middle=f"hsl({hue} 44% 52%)",
        dark=f"hsl({hue} 40% 28%)",
        light=f"hsl({hue} 60% 96%)",
        shade=f"hsl({next_hue} 48% 86%)",
    )
    return ProductImage("image/svg+xml", svg.encode())
