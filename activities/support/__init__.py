"""Helpers of the activities: account clients, heartbeats, failures, event streams, notices, starts of workflows."""
