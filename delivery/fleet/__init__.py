"""The own fleet: its couriers, the offers that they get, and the pass that makes them."""
