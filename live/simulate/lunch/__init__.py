"""A lunch hour of the demo city: many orders and couriers, the real delivery services, and a clock that runs fast."""
