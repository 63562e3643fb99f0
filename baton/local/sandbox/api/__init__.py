"""The sandbox's side of the partner API."""
