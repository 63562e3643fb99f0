"""Each example of a business app, run against a whole local stack."""
