"""Signed notifications of events to the endpoints of business apps."""
