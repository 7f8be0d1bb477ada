"""The database of one host, with a queue before it."""
