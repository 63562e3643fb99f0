"""The HTTP edge: webhooks in, health; strict towards the outside, tolerant towards the orders."""
