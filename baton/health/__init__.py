"""How a running installation is: its accounts, chains and task queues as facts, and what they mean for orders."""
