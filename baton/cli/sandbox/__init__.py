"""What the command line does with a running sandbox: pay as a payer does, and choose what happens to an order."""
