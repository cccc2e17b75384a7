"""Flash sales: a price on a show's card, for a while, up to a limit."""
