"""What the benchmarks share: throw-away stacks, orders led to their end, and how figures are taken and shown."""
