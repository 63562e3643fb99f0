"""An operator has an order of Orchestra followed that Baton does not follow, as if a webhook had reported it."""

from temporalio.client import Client
from temporalio.exceptions import WorkflowAlreadyStartedError

from baton.ledger.errors import LedgerConflict
from baton.ledger.ledger import Ledger
from baton.orders.adoption import Adoption, AdoptionEnd
from baton.orders.names import adopted_workflow_id
from baton.orders.observation import Observation
from baton.ownership.adopted_orders import AdoptedOrders
from baton.ownership.follow_ups import attention_for
from baton.ownership.order_workflows import Fate, Holder
from baton.ownership.owners import Owners


class AdoptionByHand:
    """Adopts orders on request. Every call may be repeated.

    Args:
        client: A Temporal client.
        ledger: The ledger whose index names the orders' workflows.
    """

    def __init__(self, client: Client, ledger: Ledger) -> None:
        self._ledger = ledger
        self._owners = Owners(client, ledger, most_remembered=0)
        self._adopted = AdoptedOrders(client, ledger)

    async def adopt(self, account: str, observed: Observation) -> Adoption:
        """Follow the order that was read at Orchestra, unless a workflow does, or did until its end.

        Raises:
            LedgerIncomplete: The ledger is being rebuilt, so nobody can tell whether a workflow follows the order.
            LedgerError: The ledger did not answer.
            RPCError: Temporal did not answer.
        """
        await self._ledger.require_complete()
        owner = await self._owners.find(account, observed.record)
        holder = await self._owners.inspect(owner, observed.record.id) if owner else None
        end = end_for(holder, observed)
        if holder is not None and end is not AdoptionEnd.STARTED:
            return _adoption(end, account, observed, holder.workflow_id)
        return await self._track(account, observed, holder)

    async def _track(self, account: str, observed: Observation, lost: Holder | None) -> Adoption:
        attention = attention_for(lost) if lost else None
        try:
            workflow_id = await self._adopted.track(account, observed, attention)
        except LedgerConflict as conflict:  # another source was faster
            return _adoption(AdoptionEnd.FOLLOWED, account, observed, conflict.holder)
        except WorkflowAlreadyStartedError:
            workflow_id = adopted_workflow_id(account, observed.record.id)
            return _adoption(AdoptionEnd.ENDED, account, observed, workflow_id)
        return _adoption(AdoptionEnd.STARTED, account, observed, workflow_id)


def end_for(holder: Holder | None, observed: Observation) -> AdoptionEnd:
    """Return what a request to follow an order comes to, by the workflow that the index names for it. Pure."""
    if holder is None or holder.fate in (Fate.STOPPED, Fate.UNKNOWN) or not holder.end.is_about(observed.record.id):
        return AdoptionEnd.STARTED
    return AdoptionEnd.FOLLOWED if holder.fate is Fate.OPEN else AdoptionEnd.ENDED


def _adoption(end: AdoptionEnd, account: str, observed: Observation, workflow_id: str) -> Adoption:
    record = observed.record
    return Adoption(
        end=end, account=account, order_id=record.id, workflow_id=workflow_id, status=record.status or "unknown"
    )
