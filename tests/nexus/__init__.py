"""Tests of `baton.nexus` that need no server."""
