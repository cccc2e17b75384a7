"""Areas in which operators let nothing be brought for a while."""
