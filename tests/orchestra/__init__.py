"""Tests of the partner API library."""
