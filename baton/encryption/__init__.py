"""Encryption of what Temporal stores: the keys of an installation, and the codec that uses them."""
