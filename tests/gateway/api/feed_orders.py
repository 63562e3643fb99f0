"""Orders with events, written into a ledger as a worker writes them."""

from baton.ledger.ledger import Ledger
from tests.ledger.examples import order
from tests.ledger.test_events import event


async def write_events(ledger: Ledger, account: str, reference: str, *names: str, revision: int = 1) -> None:
    """Write an order with one event for each name."""
    workflow_id = f"order/{account}/{reference}"
    events = [event(name, workflow_id, account=account) for name in names]
    row = order(workflow_id, account=account, revision=revision)
    assert await ledger.write_order(row, [], events=events)
