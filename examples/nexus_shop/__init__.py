"""A shop whose own Temporal workflow sells through Baton, from a namespace of its own."""
