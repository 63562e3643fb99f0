"""Activities of repricings: the account's policy, and the answer to the question."""

from temporalio import activity

from activities.support.partners import Partners
from baton.accounts.policies import reprice_policy
from baton.orchestra.rules.reprice import RepriceAction, RepricePolicy
from baton.orders.messages import ANSWER_REPRICE, REPRICE_POLICY, AnswerReprice


class RepriceActivities:
    """What a repricing needs of the world.

    Args:
        partners: The accounts with their clients and policies.
    """

    def __init__(self, partners: Partners) -> None:
        self._partners = partners

    @activity.defn(name=REPRICE_POLICY)
    async def reprice_policy(self, account: str) -> RepricePolicy:
        """Return the account's policy."""
        return reprice_policy(self._partners.account(account))

    @activity.defn(name=ANSWER_REPRICE)
    async def answer_reprice(self, call: AnswerReprice) -> None:
        """Approve, reject or refund."""
        async with self._partners.calling(call.account) as client:
            match call.action:
                case RepriceAction.APPROVE:
                    await client.approve_reprice(call.order_id, call.minimum or 0, call.key)
                case RepriceAction.REJECT:
                    await client.reject_reprice(call.order_id, call.key, call.reason)
                case RepriceAction.REFUND:
                    await client.refund_reprice(call.order_id, call.key, call.reason, call.refund_address)
                case RepriceAction.ASK:
                    raise ValueError("asking is no answer")
