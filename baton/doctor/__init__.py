"""Examines an installation of Baton: what is wrong, what that means for orders, and what mends it."""
