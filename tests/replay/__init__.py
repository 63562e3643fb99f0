"""Change safety: stored histories of every path, replayed; a fingerprint of the commands; what a path costs."""
