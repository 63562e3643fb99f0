"""What the commands print, as pure functions."""
