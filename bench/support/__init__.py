"""What the benchmarks share: throw-away stacks, complete runs of orders, measurements and reports."""
