"""Decisions about addresses and links, as pure functions."""
