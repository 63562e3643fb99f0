"""Pages of the docs that are generated, and the tests that hold them against the code."""
