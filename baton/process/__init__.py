"""Shared parts of the processes: logs, start and stop, HTTP server, Temporal workers."""
