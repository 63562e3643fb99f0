"""Tests of the partner accounts."""
