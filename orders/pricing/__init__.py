"""What an order costs, and why: pure functions over integers."""
