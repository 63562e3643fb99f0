"""What an order is: its models, its state, its messages, and what the outside sees of it. Pure."""
