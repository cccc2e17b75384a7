"""What is given out up to a limit, for all and for each."""
