"""What an operator may set about the own fleet: dispatch, shifts, and how long couriers' places are kept."""

from typing import Any

from pydantic import BaseModel, Field

#: Seconds from one plan of dispatch to the next, and before couriers must leave; in a demo nobody wants to wait.
PLAN, PLAN_IN_A_DEMO = 30.0, 2.0
LEAD, LEAD_IN_A_DEMO = 90, 3600


class FleetSettings(BaseModel):
    """A part of `live.settings.Settings`."""

    dispatch_seconds: float | None = Field(
        default=None, ge=1, le=600, description="from one plan of dispatch to the next; default: 30, in a demo 2"
    )
    lead_seconds: int | None = Field(
        default=None,
        ge=0,
        le=86_400,
        description="couriers are asked so long before they must leave for the store; default: 90, in a demo 3600",
    )
    offer_seconds: int = Field(default=30, ge=5, le=600, description="how long a courier may think about an offer")
    silent_seconds: int = Field(
        default=300,
        ge=45,  # a phone that lies still is asked where it is after 30 s
        le=3600,
        description="a courier who was not heard of for so long loses the orders that are still at the store",
    )
    online_outside_shifts: bool = Field(
        default=True, description="off: couriers are online in their planned shifts only"
    )
    position_days: int = Field(
        default=0,
        ge=0,
        le=365,
        description="how long places of couriers without orders are kept; 0: only the last one, while online",
    )
    trail_days: int = Field(
        default=7, ge=0, le=365, description="how long the way of couriers with orders is kept, for disputes"
    )
    proof_days: int = Field(default=30, ge=1, le=3650, description="how long photos of deliveries are kept")

    def own_fleet(self, *, demo: bool) -> dict[str, Any]:
        """The same as keywords of `delivery.settings.DeliverySettings`."""
        return {
            "interval_s": self.dispatch_seconds or (PLAN_IN_A_DEMO if demo else PLAN),
            "lead_s": self.lead_seconds if self.lead_seconds is not None else LEAD_IN_A_DEMO if demo else LEAD,
            "offer_s": self.offer_seconds,
            "silent_job_s": self.silent_seconds,
            "online_outside_shifts": self.online_outside_shifts,
            "position_days": self.position_days,
            "trail_days": self.trail_days,
            "proof_days": self.proof_days,
        }
