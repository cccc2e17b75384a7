"""The running server for the tests of `live`: see tests/house.py."""

from tests.house import house, house_settings

__all__ = ["house", "house_settings"]
