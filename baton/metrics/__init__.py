"""What Baton's processes count, and how Prometheus reads it."""
