"""Covers of demo shows: soft gradients and circles, drawn here."""

import colorsys
import io

from PIL import Image, ImageDraw, ImageFilter

SIZE = (720, 960)


def cover(hue: int) -> bytes:
    """A JPEG of `SIZE` in a colour (degrees); the same for the same colour."""
    width, height = SIZE
    ramp = Image.linear_gradient("L").resize(SIZE)
    image = Image.composite(
        Image.new("RGB", SIZE, _rgb(hue, 0.45, 0.55)), Image.new("RGB", SIZE, _rgb(hue + 30, 0.25, 0.95)), ramp
    )
    glow = Image.new("RGB", SIZE, (0, 0, 0))
    draw = ImageDraw.Draw(glow)
    for index, (x, y, radius) in enumerate(((0.25, 0.3, 0.34), (0.8, 0.55, 0.26), (0.45, 0.86, 0.3))):
        box = ((x - radius) * width, y * height - radius * width, (x + radius) * width, y * height + radius * width)
        draw.ellipse(box, fill=_rgb(hue + 25 * index, 0.5, 0.5))
    mask = glow.convert("L").filter(ImageFilter.GaussianBlur(28)).point(lambda value: min(150, value * 2))
    light = Image.new("RGB", SIZE, _rgb(hue + 50, 0.12, 1.0))
    out = io.BytesIO()
    Image.composite(light, image, mask).save(out, "JPEG", quality=85)
    return out.getvalue()


def _rgb(hue: float, saturation: float, value: float) -> tuple[int, int, int]:
    red, green, blue = colorsys.hsv_to_rgb(hue % 360 / 360, saturation, value)
    return round(red * 255), round(green * 255), round(blue * 255)
