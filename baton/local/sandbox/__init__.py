"""A local Orchestra: the partner API, a simulated chain, signed webhooks, scripted scenarios and faults.

Everything is held in memory and no money moves. It keeps the published rules of the real API, and checks its own moves
against the published transition table, so a client that works here has met idempotency, late deposits, lost webhooks
and refusals before it meets them with money behind.
"""
