"""Batches of orders: read from a file, checked as a whole, placed a few at a time, each once."""
