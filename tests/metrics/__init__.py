"""Tests of the metrics, their alarms and their pages."""
