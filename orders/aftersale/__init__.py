"""Goods that come back after delivery, and money for single lines."""
