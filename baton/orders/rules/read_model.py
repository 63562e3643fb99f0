"""What of an order the read model must not lack: its end, and whatever asks a person or the business. Pure."""

from baton.orders.answers import Snapshot
from baton.orders.rules.wait_plans import BUSINESS


def must_show(snapshot: Snapshot) -> frozenset[str]:
    """Return the facts that somebody acts on; while they stay the same, a write of the read model may be missed."""
    facts = {attention.reason for attention in snapshot.attentions}
    waiting = snapshot.waiting_for
    if waiting is not None and waiting.who == BUSINESS:
        facts.add(waiting.what)
    if snapshot.held is not None:
        facts.add(snapshot.held.hold_id)  # a release at a rate goes by the read model
    if snapshot.outcome is not None:
        facts.add(snapshot.outcome)
    return frozenset(facts)
