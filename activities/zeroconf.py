"""Activities of ZeroConf approvals: read the account's terms, and answer an offer."""

from datetime import UTC, datetime

from temporalio import activity

from activities.support.account_clients import AccountClients
from activities.support.failures import refused, released_on_refusal
from activities.support.hold_gate import HoldGate
from baton.accounts.policies import zeroconf_policy
from baton.holds.models import CallHeld, HeldCalls
from baton.ledger.ledger import Ledger
from baton.ledger.rows import CreditRow
from baton.orchestra.rules.zeroconf import DailyCapError, check_daily_cap
from baton.orders.messages import ANSWER_ZEROCONF, DAILY_CAP, ZEROCONF_TERMS, AnswerZeroConf, Refusal
from baton.orders.rules.zeroconf import EXPOSURE_WINDOW, ZeroConfTerms


class ZeroConfActivities:
    """The activities of a ZeroConf approval.

    Args:
        clients: The accounts, with their clients and policies.
        ledger: Where unconfirmed credits are counted.
        gate: Knows what is on hold.
    """

    def __init__(self, clients: AccountClients, ledger: Ledger, gate: HoldGate) -> None:
        self._clients = clients
        self._ledger = ledger
        self._gate = gate

    @activity.defn(name=ZEROCONF_TERMS)
    async def zeroconf_terms(self, account: str) -> ZeroConfTerms:
        """Return the account's policy and the sats it has credited without a confirmation in the last 24 hours.

        It is tried again while the ledger does not have all credits.
        """
        await self._ledger.require_complete()
        exposure = await self._ledger.credits.total(account, datetime.now(UTC) - EXPOSURE_WINDOW)
        policy = zeroconf_policy(self._clients.account(account))
        return ZeroConfTerms(policy=policy, open_exposure_sats=exposure)

    @activity.defn(name=ANSWER_ZEROCONF)
    async def answer_zeroconf(self, call: AnswerZeroConf) -> CallHeld | None:
        """Accept or decline the offer; an accepted credit counts towards the account's exposure.

        It counts before Orchestra is called, so that offers at the same time cannot all take the same room, and stays
        counted while the answer is unknown.

        Returns:
            The hold that stops approvals, and then nothing was sent; no hold stops a decline.
        """
        if call.accept and (held := await self._gate.hold_over(HeldCalls.APPROVALS, call)):
            return held
        async with self._clients.for_activity(call.account) as client:
            if not call.accept:
                await client.decline_zeroconf(call.order_id, call.key, call.reason)
                return None
            await self._reserve(call)
            async with released_on_refusal(self._ledger.credits.release, call.account, call.offer_id):
                await client.accept_zeroconf(call.order_id, call.key)
        return None

    async def _reserve(self, call: AnswerZeroConf) -> None:
        def check(exposure: int) -> None:
            if call.cap_sats is not None:
                check_daily_cap(exposure, call.credit_sats, call.cap_sats)

        await self._ledger.require_complete()
        try:
            await self._ledger.credits.reserve(_credit(call), datetime.now(UTC) - EXPOSURE_WINDOW, check)
        except DailyCapError as error:
            raise refused(Refusal(code=DAILY_CAP, message=str(error))) from None


def _credit(call: AnswerZeroConf) -> CreditRow:
    return CreditRow(
        account=call.account,
        offer_id=call.offer_id,
        workflow_id=call.workflow_id,
        order_id=call.order_id,
        sats=call.credit_sats,
        credited_at=datetime.now(UTC),
    )
