"""The Temporal UI itself, with Baton's orders in it."""
