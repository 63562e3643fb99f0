"""What the sandbox does behind its API: quotes, deposits, orders, webhooks."""
