"""The attention of orders that have ended: another workflow than the order's own holds it."""

from temporalio.client import Client, WorkflowHandle
from temporalio.service import RPCError, RPCStatusCode

from baton.orders.answers import Snapshot
from baton.orders.ended_order import AttentionStanding, with_standing
from baton.orders.models import Resolution
from baton.orders.names import ATTENTION, RESOLVE, attention_workflow_id


class EndedOrders:
    """The attention workflows of one Temporal namespace.

    Args:
        temporal: A Temporal client with the pydantic data converter.
    """

    def __init__(self, temporal: Client) -> None:
        self._temporal = temporal

    async def standing(self, order_workflow_id: str) -> AttentionStanding | None:
        """Return the open and the resolved reasons of an ended order; None if it left none and got none later.

        Raises:
            RPCError: Temporal did not answer.
        """
        try:
            standing: AttentionStanding = await self._handle(order_workflow_id).query(
                ATTENTION, result_type=AttentionStanding
            )
        except RPCError as error:
            if error.status is RPCStatusCode.NOT_FOUND:
                return None
            raise
        return standing

    async def resolve(self, order_workflow_id: str, resolution: Resolution) -> AttentionStanding:
        """Resolve a reason of an ended order; return what is left.

        Raises:
            RPCError: Temporal did not answer, or the order needs no attention (`NOT_FOUND`).
            WorkflowUpdateFailedError: The resolution names none of the open reasons.
        """
        left: AttentionStanding = await self._handle(order_workflow_id).execute_update(
            RESOLVE, resolution, result_type=AttentionStanding
        )
        return left

    async def completed(self, snapshot: Snapshot) -> Snapshot:
        """Return a closed order's snapshot with the attention as it stands now.

        Raises:
            RPCError: Temporal did not answer.
        """
        standing = await self.standing(snapshot.workflow_id)
        return snapshot if standing is None else with_standing(snapshot, standing)

    def _handle(self, order_workflow_id: str) -> WorkflowHandle[object, AttentionStanding]:
        return self._temporal.get_workflow_handle(attention_workflow_id(order_workflow_id))
