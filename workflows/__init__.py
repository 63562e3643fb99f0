"""Workflows: what is durable. Nothing here does I/O; decisions are pure functions beside the workflow."""
