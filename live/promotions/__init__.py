"""Flash sales and coupons as pages see them, and the telling of what changes."""
