"""Activities: what touches the world on behalf of the order workflow."""
