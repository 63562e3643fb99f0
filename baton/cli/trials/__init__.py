"""Trial runs that change no order: a policy over past offers, a test delivery to the gateway."""
