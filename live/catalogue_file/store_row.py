"""The row of a store."""

import re
from datetime import date
from typing import Annotated, Final, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, Field

from live.catalogue_file.faults import fault
from live.catalogue_file.fields import Key, Name, Row
from orders.catalogue.area import DeliveryArea
from orders.catalogue.hours import DAY, MAX_SPECIAL_DAYS, Interval, OpeningHours, SpecialDay, interval
from orders.catalogue.rules import MAX_CAPACITY, MAX_RADIUS_M
from orders.model import Store, StoreDetails

STORE_PREFIX: Final = "sto_"
_INTERVAL: Final = re.compile(r"([01]\d|2[0-3]):[0-5]\d-(([01]\d|2[0-3]):[0-5]\d|24:00)", re.ASCII)


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise fault("bad_time_zone", "not an IANA time zone such as Asia/Shanghai") from None
    return name


def _span(text: str) -> str:
    if not _INTERVAL.fullmatch(text):
        raise fault("bad_hours", "not an interval such as 09:00-21:00 (24:00 ends the day)")
    return text


def _date(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise fault("bad_date", "not a date such as 2026-12-25") from None


Spans = Annotated[tuple[Annotated[str, AfterValidator(_span)], ...], Field(strict=False, max_length=10)]


class Place(Row):
    """Degrees, WGS 84."""

    lon: float = Field(ge=-180, le=180)
    lat: float = Field(ge=-90, le=90)


class Week(Row):
    """Opening intervals of each weekday, in the store's time zone. A day that is not there is closed."""

    monday: Spans = ()
    tuesday: Spans = ()
    wednesday: Spans = ()
    thursday: Spans = ()
    friday: Spans = ()
    saturday: Spans = ()
    sunday: Spans = ()

    def days(self) -> tuple[tuple[Interval, ...], ...]:
        """As orders keep them."""
        days: list[Spans] = [getattr(self, day) for day in type(self).model_fields]
        return tuple(tuple(map(interval, day)) for day in days)

    @classmethod
    def of(cls, hours: OpeningHours) -> Self:
        """Back again; the same for the same hours."""
        days = (tuple(map(span_text, day)) for day in hours.days)
        return cls(**dict(zip(cls.model_fields, days, strict=True)))


def span_text(span: Interval) -> str:
    """09:00-21:00. All after midnight is written as an hour of the next day."""
    closes = span.closes if span.closes <= DAY else span.closes - DAY
    return f"{span.opens // 60:02d}:{span.opens % 60:02d}-{closes // 60:02d}:{closes % 60:02d}"


class SpecialDayRow(Row):
    """A date with hours of its own; without any it is closed."""

    date: Annotated[str, AfterValidator(_date)]
    hours: Spans = ()
    note: str = Field(default="", max_length=80)

    def day(self) -> SpecialDay:
        """As orders keep it."""
        return SpecialDay(date.fromisoformat(self.date), tuple(map(interval, self.hours)), self.note)

    @classmethod
    def of(cls, day: SpecialDay) -> Self:
        """Back again."""
        return cls(date=day.date.isoformat(), hours=tuple(map(span_text, day.intervals)), note=day.note)


def _each_once(days: tuple[SpecialDayRow, ...]) -> tuple[SpecialDayRow, ...]:
    if len({one.date for one in days}) < len(days):
        raise fault("bad_date", "a date is there twice")
    return days


Corner = Annotated[tuple[float, float], Field(strict=False)]
RingRow = Annotated[tuple[Corner, ...], Field(strict=False)]


class PolygonRow(Row):
    """A GeoJSON polygon (RFC 7946): rings of [lon, lat], the outline first, then holes."""

    type: Literal["Polygon"]
    coordinates: Annotated[tuple[RingRow, ...], Field(strict=False)]


class StoreRow(Row):
    """A store. It delivers inside `area`, or where there is none up to `delivery_radius_m` metres away."""

    key: Key
    name: Name
    address: str = Field(max_length=500)
    position: Place
    time_zone: Annotated[str, AfterValidator(_known_zone)]
    hours: Week
    special_days: Annotated[
        tuple[SpecialDayRow, ...], Field(strict=False, max_length=MAX_SPECIAL_DAYS), AfterValidator(_each_once)
    ] = ()
    delivery_radius_m: float | None = Field(default=None, gt=0, le=MAX_RADIUS_M)
    area: PolygonRow | None = None
    capacity: int | None = Field(default=None, ge=1, le=MAX_CAPACITY)
    phone: str = Field(default="", max_length=40)

    @property
    def id(self) -> str:
        return STORE_PREFIX + self.key

    def fault(self) -> tuple[str, str, str] | None:
        """Column, code and reason of what its members together make wrong."""
        if (self.area is None) == (self.delivery_radius_m is None):
            return "delivery_radius_m", "bad_area", "a store has either a radius or an area"
        if self.area is not None:
            area = DeliveryArea(self.area.coordinates)
            problem = area.problem()
            if problem is None and area.reach_m(self._position) > MAX_RADIUS_M:
                problem = f"it reaches further than {MAX_RADIUS_M:.0f} m from the store"
            if problem is not None:
                return "area", "bad_area", problem
        return None

    @property
    def _position(self) -> tuple[float, float]:
        return self.position.lon, self.position.lat

    def details(self) -> StoreDetails:
        """As the catalogue keeps it; the radius of an area is how far it reaches."""
        area = None if self.area is None else DeliveryArea(self.area.coordinates)
        reach = area.reach_m(self._position) if area is not None else self.delivery_radius_m
        return StoreDetails(
            name=self.name,
            address=self.address,
            position=self._position,
            time_zone=self.time_zone,
            hours=OpeningHours(self.hours.days(), tuple(one.day() for one in self.special_days)),
            delivery_radius_m=reach or 0.0,
            phone=self.phone,
            area=area,
            capacity=self.capacity,
        )

    @classmethod
    def of(cls, store: Store) -> Self:
        """Raises pydantic's ValidationError if the server holds what no file may."""
        of, area = store.details, store.details.area
        return cls(
            key=store.id.removeprefix(STORE_PREFIX),
            name=of.name,
            address=of.address,
            position=Place(lon=of.position[0], lat=of.position[1]),
            time_zone=of.time_zone,
            hours=Week.of(of.hours),
            special_days=tuple(map(SpecialDayRow.of, of.hours.special)),
            delivery_radius_m=of.delivery_radius_m if area is None else None,
            area=None if area is None else PolygonRow(type="Polygon", coordinates=area.rings),
            capacity=of.capacity,
            phone=of.phone,
        )
