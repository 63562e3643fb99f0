"""The names of holds in Temporal: the workflow, its messages, the activities."""

HOLDS_WORKFLOW = "HoldsWorkflow"
"""The type of the workflow that keeps the holds, for callers that start it without importing it."""

HOLDS_ID = "holds"
"""The id of that workflow, one a namespace."""

PLACE_HOLD = "hold"
RELEASE_HOLD = "release"
HOLDS = "holds"

HOLDS_MEMO = "BatonHolds"
"""The entry of its memo that has all holds: what the workers read."""

RELEASED = "released"
"""The signal to an order that waits behind a hold: its turn has come."""

APPROVAL_HELD = "approval_held"
"""The signal of an approval workflow to its order: a hold stops it."""

RELEASE_ORDERS = "release_held_orders"
COUNT_HELD = "count_held_orders"

ON_HOLD = "on_hold"
"""Code of the refusal of an onramp while submits are on hold."""


def hold_id(number: int) -> str:
    """Return the id of a hold; they are numbered from 1."""
    return f"hold-{number}"
