"""Personal links: one an associate makes for one customer."""
