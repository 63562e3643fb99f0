"""Benchmarks. Each `bench/*.py` is a script for `make bench`; what the scripts share is in `bench.support`."""
