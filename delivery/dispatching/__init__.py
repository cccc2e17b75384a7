"""Who carries what: pure functions over a frozen snapshot."""
