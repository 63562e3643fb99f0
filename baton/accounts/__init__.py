"""Partner accounts: which there are, their policies, and what can be ordered through them."""
