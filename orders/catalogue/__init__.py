"""Stores, their hours, and what they sell."""
