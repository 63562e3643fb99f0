"""Asks the workflow of an order how it stands, for orders that Temporal still has."""

from baton.client import BatonClient
from baton.errors import OrderUnknown
from baton.orders.answers import Snapshot
from baton.reconciliation.reconciler import AskWorkflow


def ask_workflow(client: BatonClient) -> AskWorkflow:
    """Return the function that asks; of an order that Temporal has forgotten, the row is the last that is known."""

    async def ask(ours: Snapshot) -> Snapshot:
        try:
            return await client.snapshot(ours.reference, ours.account)
        except OrderUnknown:
            return ours

    return ask
