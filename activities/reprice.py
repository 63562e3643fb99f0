"""Activities of repricings: read the account's policy, and answer Orchestra's question."""

from temporalio import activity

from activities.support.account_clients import AccountClients
from activities.support.hold_gate import HoldGate
from baton.accounts.policies import reprice_policy
from baton.holds.models import CallHeld, HeldCalls
from baton.orchestra.rules.reprice import RepriceAction, RepricePolicy
from baton.orders.messages import ANSWER_REPRICE, REPRICE_POLICY, AnswerReprice


class RepriceActivities:
    """The activities of a repricing.

    Args:
        clients: The accounts, with their clients and policies.
        gate: Knows what is on hold.
    """

    def __init__(self, clients: AccountClients, gate: HoldGate) -> None:
        self._clients = clients
        self._gate = gate

    @activity.defn(name=REPRICE_POLICY)
    async def reprice_policy(self, account: str) -> RepricePolicy:
        """Return the account's policy."""
        return reprice_policy(self._clients.account(account))

    @activity.defn(name=ANSWER_REPRICE)
    async def answer_reprice(self, call: AnswerReprice) -> CallHeld | None:
        """Approve the new price, reject it, or ask for a refund.

        Returns:
            The hold that stops approvals, and then nothing was sent; no hold stops a rejection or a refund.
        """
        approves = call.action is RepriceAction.APPROVE
        if approves and (held := await self._gate.hold_over(HeldCalls.APPROVALS, call)):
            return held
        async with self._clients.for_activity(call.account) as client:
            match call.action:
                case RepriceAction.APPROVE:
                    await client.approve_reprice(call.order_id, call.minimum or 0, call.key)
                case RepriceAction.REJECT:
                    await client.reject_reprice(call.order_id, call.key, call.reason)
                case RepriceAction.REFUND:
                    await client.refund_reprice(call.order_id, call.key, call.reason, call.refund_address)
                case RepriceAction.ASK:
                    raise ValueError("`ask` is not an answer to a repricing")
        return None
