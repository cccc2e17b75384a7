"""Plays stores and couriers against a running Nearlive, by the same API that the pages use. `scripts/simulate`."""
