"""What runs only on a developer's machine: the sandbox, the local stack, chain nodes."""
