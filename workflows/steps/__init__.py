"""The steps of an order, one file each."""
