"""What operators see of deliveries, and what they do by hand."""
