"""Orders as pages see them."""
