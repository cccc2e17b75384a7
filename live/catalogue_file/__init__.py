"""A shop's stores, products and stock in a file: how they get into a server, and out of it."""
