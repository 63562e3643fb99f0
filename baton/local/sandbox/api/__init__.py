"""The partner API as the sandbox plays it."""
