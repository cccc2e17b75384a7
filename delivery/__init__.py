"""Delivery: quotes, jobs from the counter to the door, the own fleet and its dispatch. Start at `service.Delivery`."""
