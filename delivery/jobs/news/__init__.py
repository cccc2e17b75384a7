"""What other providers told us of their deliveries, kept until it has been worked off, and after that."""
