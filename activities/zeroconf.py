"""Activities of ZeroConf approvals: read the account's terms, and answer an offer."""

from datetime import UTC, datetime

from temporalio import activity

from activities.support.account_clients import AccountClients
from baton.accounts.policies import zeroconf_policy
from baton.ledger.ledger import Ledger
from baton.ledger.rows import CreditRow
from baton.orders.messages import ANSWER_ZEROCONF, ZEROCONF_TERMS, AnswerZeroConf
from baton.orders.rules.zeroconf import EXPOSURE_WINDOW, ZeroConfTerms


class ZeroConfActivities:
    """The activities of a ZeroConf approval.

    Args:
        clients: The accounts, with their clients and policies.
        ledger: Where unconfirmed credits are counted.
    """

    def __init__(self, clients: AccountClients, ledger: Ledger) -> None:
        self._clients = clients
        self._ledger = ledger

    @activity.defn(name=ZEROCONF_TERMS)
    async def zeroconf_terms(self, account: str) -> ZeroConfTerms:
        """Return the account's policy and the sats it has credited without a confirmation in the last 24 hours."""
        exposure = await self._ledger.credited(account, datetime.now(UTC) - EXPOSURE_WINDOW)
        policy = zeroconf_policy(self._clients.account(account))
        return ZeroConfTerms(policy=policy, open_exposure_sats=exposure)

    @activity.defn(name=ANSWER_ZEROCONF)
    async def answer_zeroconf(self, call: AnswerZeroConf) -> None:
        """Accept or decline the offer; an accepted credit counts towards the account's exposure from now on."""
        async with self._clients.for_activity(call.account) as client:
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
