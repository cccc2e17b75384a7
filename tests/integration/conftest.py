"""The running server for these tests: see tests/house.py."""

from tests.house import house, house_settings

__all__ = ["house", "house_settings"]
