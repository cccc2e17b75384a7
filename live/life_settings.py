"""What an operator may set about the life of orders: fees, windows, and when an order is late."""

from datetime import timedelta
from typing import Any

from pydantic import BaseModel, Field


class LifeSettings(BaseModel):
    """A part of `live.settings.Settings`. Money in minor units."""

    cancel_fee: int = Field(
        default=500, ge=0, description="what a buyer pays for cancelling after the store accepted, minor units"
    )
    proposal_minutes: int = Field(
        default=5, ge=1, le=120, description="how long a buyer may answer a store about what is missing"
    )
    return_days: int = Field(
        default=7, ge=0, le=365, description="how long after delivery a buyer may ask to return goods"
    )
    unaccepted_minutes: int = Field(
        default=15, ge=0, le=1440, description="an order that its store has not accepted by then is rejected; 0: never"
    )
    back_hours: int = Field(
        default=24,
        ge=0,
        le=720,
        description="undelivered goods are back and nobody has decided: the order ends by rule; 0: never",
    )
    accept_minutes: int = Field(default=3, ge=1, le=1440, description="late if not accepted so long after payment")
    pick_minutes: int = Field(default=5, ge=1, le=1440, description="late if not picked so long after acceptance")
    ready_before: int = Field(
        default=20, ge=0, le=1440, description="late if not packed so many minutes before the promised time"
    )
    collect_before: int = Field(
        default=12, ge=0, le=1440, description="late if not collected so many minutes before the promised time"
    )

    @property
    def order_life(self) -> dict[str, Any]:
        """The same as keywords of `orders.settings.OrdersSettings`."""
        return {
            "cancel_fee": self.cancel_fee,
            "proposal_window": timedelta(minutes=self.proposal_minutes),
            "return_window": timedelta(days=self.return_days),
            "unaccepted_after": timedelta(minutes=self.unaccepted_minutes),
            "undecided_after": timedelta(hours=self.back_hours),
            "accept_within": timedelta(minutes=self.accept_minutes),
            "pick_within": timedelta(minutes=self.pick_minutes),
            "ready_before": timedelta(minutes=self.ready_before),
            "collect_before": timedelta(minutes=self.collect_before),
        }
