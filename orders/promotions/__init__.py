"""Limited offers: flash sales and coupons, and what orders hold of them."""
