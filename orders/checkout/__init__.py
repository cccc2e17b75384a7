"""From a basket to orders that hold their pieces."""
