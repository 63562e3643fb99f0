"""The HTTP edge: webhooks and health; strict towards callers, tolerant towards what an order may contain."""
