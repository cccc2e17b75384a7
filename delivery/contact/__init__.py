"""Buyer and courier between themselves: messages while an order is carried, and what the buyer thought of it."""
