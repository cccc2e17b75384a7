"""Money: attempts, the provider, and what an order owes."""
