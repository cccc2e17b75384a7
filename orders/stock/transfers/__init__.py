"""Goods that go from one store to another."""
