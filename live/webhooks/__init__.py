"""What happens to orders, told to the brand's own systems: Standard Webhooks (specification 1.0)."""
