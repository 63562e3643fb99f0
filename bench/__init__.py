"""Benchmarks: each `bench/*.py` is a script of its own, run by `make bench`; what they share is in `bench.support`."""
