"""How long ways take: one interface, and the models behind it."""

from delivery.travel.straight import StraightLine
from delivery.travel.travel import SPEED_MPS, Travel, Vehicle, seconds

__all__ = ["SPEED_MPS", "StraightLine", "Travel", "Vehicle", "seconds"]
