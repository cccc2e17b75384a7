"""What couriers did, by day and hour; and where they were, for as long as that is kept."""
