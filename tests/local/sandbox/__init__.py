"""Tests of the local Orchestra against its real HTTP server."""
