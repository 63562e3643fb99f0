"""Activities of ZeroConf approvals: the account's terms, and the answer to an offer."""

from datetime import UTC, datetime

from temporalio import activity

from activities.support.partners import Partners
from baton.accounts.policies import zeroconf_policy
from baton.ledger.ledger import Ledger
from baton.ledger.rows import CreditRow
from baton.orders.messages import ANSWER_ZEROCONF, ZEROCONF_TERMS, AnswerZeroConf
from baton.orders.rules.zeroconf import EXPOSURE_WINDOW, ZeroConfTerms


class ApprovalActivities:
    """What an approval needs of the world.

    Args:
        partners: The accounts with their clients and policies.
        ledger: Where credits without a confirmation are counted.
    """

    def __init__(self, partners: Partners, ledger: Ledger) -> None:
        self._partners = partners
        self._ledger = ledger

    @activity.defn(name=ZEROCONF_TERMS)
    async def zeroconf_terms(self, account: str) -> ZeroConfTerms:
        """Return the account's policy and what it has credited without a confirmation in 24 hours."""
        exposure = await self._ledger.credited(account, datetime.now(UTC) - EXPOSURE_WINDOW)
        policy = zeroconf_policy(self._partners.account(account))
        return ZeroConfTerms(policy=policy, open_exposure_sats=exposure)

    @activity.defn(name=ANSWER_ZEROCONF)
    async def answer_zeroconf(self, call: AnswerZeroConf) -> None:
        """Accept or decline; what is accepted counts towards the account's exposure from now on."""
        async with self._partners.calling(call.account) as client:
            if not call.accept:
                await client.decline_zeroconf(call.order_id, call.key, call.reason)
                return
            await client.accept_zeroconf(call.order_id, call.key)
            await self._ledger.record_credit(_credit(call))


def _credit(call: AnswerZeroConf) -> CreditRow:
    return CreditRow(
        account=call.account,
        offer_id=call.offer_id,
        workflow_id=call.workflow_id,
        order_id=call.order_id,
        sats=call.credit_sats,
        credited_at=datetime.now(UTC),
    )
