"""Who carries: our own fleet and others, behind one protocol."""
