"""Tests of the operator page."""
