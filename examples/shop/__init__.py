"""A small web shop that is paid through Baton."""
