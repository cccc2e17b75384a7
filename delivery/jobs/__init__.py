"""Jobs: one for each paid order, from the request to the door."""
