"""Which store makes an order up, and why that one."""
