"""What an operator may set about quotes and ways: fees, promises, who is asked, and where travel times come from."""

from pathlib import Path
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, BeforeValidator, Field, field_validator, model_validator

from delivery.quotes.rules import BANDS, STEPS, Band, FeeRules, Hours, Step, bands, hours, steps
from delivery.travel.table import Table


def _bands(value: object) -> object:
    return bands(value) if isinstance(value, str) else value


def _hours(value: object) -> object:
    return hours(value) if isinstance(value, str) else value


def _steps(value: object) -> object:
    return steps(value) if isinstance(value, str) else value


class QuoteSettings(BaseModel):
    """A part of `live.settings.Settings`. Money in minor units."""

    delivery_bands: Annotated[tuple[Band, ...], BeforeValidator(_bands)] = Field(
        default=bands(BANDS),
        description="delivery fees by straight line, metres=fee or metres=fee/free_from; the last ends our range",
    )
    delivery_hours: Annotated[tuple[Hours, ...], BeforeValidator(_hours)] = Field(
        default=(), description="so much more at these local times, 22:00-06:00=200,11:30-13:00=100"
    )
    delivery_demand: Annotated[tuple[Step, ...], BeforeValidator(_steps)] = Field(
        default=steps(STEPS),
        description="so much more from so many open orders a courier nearby on; the last is the most; empty: never",
    )
    delivery_demand_orders: int = Field(
        default=10, ge=1, description="with fewer open orders nearby than this there is no demand fee"
    )
    delivery_free_covers: Literal["all", "way"] = Field(
        default="all", description="way: where delivery is free, what the hour and demand add is still paid"
    )
    delivery_needs_courier: bool = Field(
        default=False, description="on: no orders while no courier is online nearby and nobody else brings it"
    )
    delivery_longest_wait: int = Field(
        default=60, ge=0, le=1440, description="no orders while a courier is more minutes off than this; 0: always"
    )
    delivery_outside_after: int = Field(
        default=10, ge=0, le=1440, description="others are asked what they take when ours are more minutes off"
    )
    delivery_minute_worth: int = Field(
        default=50,
        ge=0,
        le=10_000,
        description="what a minute sooner may cost us, where others could bring it too",
    )
    delivery_time_zone: str = Field(
        default="Asia/Shanghai", description="the time of delivery_hours and of couriers' days"
    )
    prepare_minutes: int = Field(
        default=15, ge=0, le=240, description="what a store needs to pack an order, in promises"
    )
    travel_factor: float = Field(
        default=1.35, ge=1, le=5, description="how much longer ways are than straight lines, without a road server"
    )
    travel_table: Path | None = Field(
        default=None, description="file of known times between places, JSON; goes before straight lines"
    )
    osrm_url: str = Field(
        default="", description="OSRM server for ways by road; {profile} in it becomes foot, bike or car"
    )
    osrm_timeout: float = Field(
        default=1.0, gt=0, le=10, description="seconds for its answer; then straight lines for a while"
    )

    @field_validator("delivery_time_zone")
    @classmethod
    def _zone(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise ValueError("must be a time zone such as Asia/Shanghai") from None
        return name

    @field_validator("osrm_url")
    @classmethod
    def _web_address(cls, url: str) -> str:
        if url and not url.startswith(("https://", "http://")):
            raise ValueError("must start with https:// or http://")
        return url

    @model_validator(mode="after")
    def _readable(self) -> Self:
        if self.travel_table is not None:
            try:
                self.table()
            except OSError as error:
                raise ValueError(f"travel_table cannot be read: {error.strerror}") from None
        return self

    def table(self) -> Table | None:
        """The file's. Raises OSError, ValueError."""
        return None if self.travel_table is None else Table.read(self.travel_table.read_text(encoding="utf-8"))

    @property
    def quoting(self) -> dict[str, Any]:
        """The same as keywords of `delivery.settings.DeliverySettings`."""
        return {
            "fees": FeeRules(
                self.delivery_bands,
                self.delivery_hours,
                self.delivery_demand,
                self.delivery_demand_orders,
                self.delivery_free_covers == "all",
            ),
            "courier_needed": self.delivery_needs_courier,
            "longest_wait_s": self.delivery_longest_wait * 60,
            "outside_after_s": self.delivery_outside_after * 60,
            "minute_worth": self.delivery_minute_worth,
            "time_zone": self.delivery_time_zone,
            "prepare_s": self.prepare_minutes * 60,
        }
