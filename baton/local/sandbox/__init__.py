"""A local Orchestra: the partner API, a simulated chain, signed webhooks, scripted scenarios and faults.

No money moves, and without a state file everything ends with the process. The sandbox follows the published rules of
the real API, and checks its own moves against the published transition table. So a client that works here has met
idempotency, late deposits, lost webhooks and refusals before real money depends on them.
"""
