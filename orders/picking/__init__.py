"""What goes into the bag: the store's proposals for what is missing, the buyer's answers, and what the bag costs."""
