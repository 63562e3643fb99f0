"""An order's whole story as one timeline: the same for the order API, the operator page and the support bundle."""
