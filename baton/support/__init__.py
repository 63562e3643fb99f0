"""Gathers what Orchestra's support needs to look into an order, without secrets and without what only you may know."""
