"""Change safety: stored histories of every path are replayed, and the commands of the code have a fingerprint."""
