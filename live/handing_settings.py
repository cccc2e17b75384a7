"""What an operator may set about who carries orders, and who is asked when nobody comes."""

from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, Field, field_validator


def _split(value: object) -> object:
    return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value


class HandingSettings(BaseModel):
    """A part of `live.settings.Settings`."""

    delivery_providers: Annotated[tuple[str, ...], BeforeValidator(_split)] = Field(
        default=("fleet",),
        min_length=1,
        description="who carries orders, in the order in which they are asked: of fleet, uber and dada, by commas",
    )
    failover_minutes: float = Field(
        default=5.0, ge=0.5, le=120, description="when no courier has accepted for so long, the next of them is asked"
    )
    outside_lead_minutes: float = Field(
        default=0.0,
        ge=0,
        le=120,
        description="uber and dada are asked so long before the goods are thought to be packed, and never before the "
        "store has accepted; 0: at once when it has",
    )
    provider_news_days: int = Field(
        default=30, ge=1, le=3650, description="how long the log of what providers told about deliveries is kept"
    )

    @field_validator("delivery_providers")
    @classmethod
    def _known_carriers(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        if set(names) - {"fleet", "uber", "dada"} or len(set(names)) != len(names):
            raise ValueError("must be of fleet, uber and dada, each once")
        return names

    @property
    def handing(self) -> dict[str, Any]:
        """The same as keywords of `delivery.settings.DeliverySettings`."""
        return {
            "providers": self.delivery_providers,
            "failover_after_s": round(self.failover_minutes * 60),
            "outside_lead_s": round(self.outside_lead_minutes * 60),
            "news_days": self.provider_news_days,
        }
