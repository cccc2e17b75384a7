"""The places that orders take in the quarters of an hour of a store."""
