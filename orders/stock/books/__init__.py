"""The books of stock, read whole: for the audit."""
