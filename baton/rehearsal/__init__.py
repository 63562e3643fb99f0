"""Replays the histories that Temporal holds against code that is about to run them."""
