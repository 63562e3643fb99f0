"""Files that commands keep: written whole or not at all."""
