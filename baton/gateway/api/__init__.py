"""The order API: what a business app does over HTTP, through the same client as in Python."""
