"""Activities of ZeroConf approvals: the account's terms, and the answer to an offer."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from temporalio import activity

from activities.accounts import client_of
from activities.failures import told_to_temporal
from activities.heartbeats import heartbeating
from ledger.ledger import Ledger
from ledger.rows import CreditRow
from orchestra.client import OrchestraClient
from orchestra.zeroconf import ZeroConfPolicy
from workflows.approvals import ZeroConfTerms
from workflows.messages import ANSWER_ZEROCONF, ZEROCONF_TERMS, AnswerZeroConf

EXPOSURE_WINDOW = timedelta(hours=24)


class ApprovalActivities:
    """What an approval needs of the world.

    Args:
        clients: A client for each account name.
        policies: The accounts' own policies by name.
        ledger: Where credits without a confirmation are counted.
    """

    def __init__(
        self, clients: Mapping[str, OrchestraClient], policies: Mapping[str, ZeroConfPolicy], ledger: Ledger
    ) -> None:
        self._clients = clients
        self._policies = policies
        self._ledger = ledger

    @activity.defn(name=ZEROCONF_TERMS)
    async def zeroconf_terms(self, account: str) -> ZeroConfTerms:
        """Return the account's policy and what it has credited without a confirmation in 24 hours."""
        exposure = await self._ledger.credited(account, datetime.now(UTC) - EXPOSURE_WINDOW)
        return ZeroConfTerms(policy=self._policies.get(account, ZeroConfPolicy()), open_exposure_sats=exposure)

    @activity.defn(name=ANSWER_ZEROCONF)
    async def answer_zeroconf(self, call: AnswerZeroConf) -> None:
        """Accept or decline; what is accepted counts towards the account's exposure from now on."""
        async with heartbeating():
            with told_to_temporal():
                client = client_of(self._clients, call.account)
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
