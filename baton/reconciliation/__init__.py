"""Holds Baton's orders against Orchestra's own books, order by order."""
