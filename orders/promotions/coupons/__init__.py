"""Coupons: what they promise, who has which, what is left of their budget."""
