"""What an operator may set about how buyers follow their orders: maps, and calls."""

from urllib.parse import urlsplit

from pydantic import BaseModel, Field, field_validator


class FollowingSettings(BaseModel):
    """A part of `live.settings.Settings`."""

    tile_url: str = Field(
        default="", description="map tiles with {z}, {x} and {y}, for streets under the maps; default: our own drawing"
    )
    tile_attribution: str = Field(
        default="© OpenStreetMap contributors", description="whom the maps name for the tiles, as their licence wants"
    )
    call_relay: str = Field(
        default="",
        pattern=r"^(\+?[0-9*#,;p-]|\{order\})*$",
        description="number that connects buyer and courier; {order} in it: the order's digits, such as +8621…,{order}",
    )

    @field_validator("tile_url")
    @classmethod
    def _tiles(cls, url: str) -> str:
        parts = urlsplit(url)
        if url and (
            parts.scheme not in {"http", "https"}
            or not parts.hostname
            or "{" in parts.netloc
            or not all(hole in parts.path + parts.query for hole in ("{z}", "{x}", "{y}"))
        ):
            raise ValueError("must be such as https://tiles.example.com/{z}/{x}/{y}.png")
        return url

    @property
    def tile_origin(self) -> str | None:
        """Where the tiles come from."""
        parts = urlsplit(self.tile_url)
        return f"{parts.scheme}://{parts.netloc}" if self.tile_url else None
