"""Addresses of the pages about an order: the payer page and the operator page, which the gateway serves."""
