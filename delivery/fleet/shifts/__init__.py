"""Shifts: when couriers are planned to work."""
