"""What runs on a developer's machine only: the sandbox, the local stack, chain nodes."""
