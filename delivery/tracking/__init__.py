"""What the buyer sees of a delivery: how far it is, who brings it, where they are, and when they will be there."""
