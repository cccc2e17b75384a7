"""Money as pages and providers see it."""
