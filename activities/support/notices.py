"""Telling orders of their deposits: a signal where something has changed that the order acts on."""

from collections.abc import Iterable, Mapping, Sequence

from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from activities.support.late_money import LateMoney, may_go_on
from baton.accounts.policies import submit_at
from baton.chains.changes import News
from baton.chains.deposits import Deposit, DepositState, reaches
from baton.ledger.ledger import Ledger
from baton.ledger.rows import OrderRow, WatchRow
from baton.orders.names import NOTICE_DEPOSIT
from baton.orders.seen_deposits import DepositNotice
from baton.process.logs import get_logger
from baton.settings import PartnerAccount

_log = get_logger(__name__)

_HOPELESS = frozenset({RPCStatusCode.INVALID_ARGUMENT, RPCStatusCode.FAILED_PRECONDITION})
"""Answers that stay the same however often an order is told: such an order must not hold up the others."""


class Notices:
    """Sends notices to the orders whose addresses got deposits.

    Args:
        client: A Temporal client.
        accounts: The partner accounts, for how sure a deposit must be before it is submitted.
        ledger: Where orders stand, for what their own policies say of that.
    """

    def __init__(self, client: Client, accounts: Mapping[str, PartnerAccount], ledger: Ledger) -> None:
        self._client = client
        self._accounts = accounts
        self._ledger = ledger
        self._late = LateMoney(client, ledger)

    async def tell(self, chain: str, news: Iterable[News], watches: Sequence[WatchRow]) -> int:
        """Tell every order of what is new about its addresses; return how many notices were taken.

        Raises:
            RPCError: Temporal did not take one; telling again is harmless.
            LedgerError: The ledger did not answer.
        """
        watching: dict[str, list[WatchRow]] = {}
        for row in watches:
            watching.setdefault(row.address, []).append(row)
        told = 0
        for one in news:
            owners = {row.workflow_id: row.account for row in watching.get(one.now.address, [])}
            for workflow_id, account in owners.items():
                notice = self._notice(chain, account, one.now)
                if await self._concerns(workflow_id, one, notice.submit_at):
                    told += await self._send(workflow_id, notice)
        return told

    def _notice(self, chain: str, account: str, deposit: Deposit) -> DepositNotice:
        held = self._accounts.get(account)
        return DepositNotice(deposit=deposit, submit_at=submit_at(held, chain) if held else DepositState.CONFIRMED)

    async def _concerns(self, workflow_id: str, news: News, wanted: DepositState) -> bool:
        """Tell whether the order acts on the news; its own policy comes before the account's."""
        if news.before is None or is_always_told(news):
            return True
        order = await self._ledger.order(workflow_id)
        if order is None:  # its row may be late: rather once too often than never
            return news.before.state is not news.now.state
        return may_go_on(order) and matters(news, wanted_by(order) or wanted)

    async def _send(self, workflow_id: str, notice: DepositNotice) -> int:
        about = _about(workflow_id, notice.deposit)
        try:
            order = self._client.get_workflow_handle(workflow_id)
            await order.signal(NOTICE_DEPOSIT, [notice.model_dump(mode="json")])
        except RPCError as error:
            if error.status is RPCStatusCode.NOT_FOUND:
                return await self._send_late(workflow_id, notice)
            if error.status not in _HOPELESS:
                raise
            _log.error("deposit that its order cannot be told of", **about, reason=error.message)
            return 0
        _log.info("deposit told to its order", **about)
        return 1

    async def _send_late(self, workflow_id: str, notice: DepositNotice) -> int:
        """Have an order go on with the deposit of one that has closed, where it only lacked the money."""
        about = _about(workflow_id, notice.deposit)
        try:
            follow_up = await self._late.follow_up(workflow_id, notice)
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise
            follow_up = None
        if follow_up is None:
            _log.warning("deposit for an order that has closed", **about)
            return 0
        _log.warning("deposit after its order had closed unpaid; it goes on", **about, follow_up=follow_up)
        return 1


def is_always_told(news: News) -> bool:
    """Tell whether the news is a first sight, or that a deposit is gone or back: no policy is needed to judge that."""
    return news.before is None or DepositState.GONE in (news.before.state, news.now.state)


def matters(news: News, wanted: DepositState) -> bool:
    """Tell whether an order acts on the news: a first sight, sure enough at last, less sure than before, or gone.

    Each signal costs the order four events, so what changes nothing for it is not told.
    """
    if news.before is None or is_always_told(news):
        return True
    return reaches(news.before.state, wanted) != reaches(news.now.state, wanted)


def wanted_by(order: OrderRow) -> DepositState | None:
    """Return how sure the order's own policy wants a deposit before it is submitted; None where it says nothing."""
    policy = order.snapshot.get("policy")
    wanted = policy.get("submit_at") if isinstance(policy, dict) else None
    return DepositState(wanted) if isinstance(wanted, str) else None


def _about(workflow_id: str, deposit: Deposit) -> dict[str, str]:
    return {
        "workflow_id": workflow_id,
        "chain": deposit.chain,
        "tx_id": deposit.tx_id,
        "index": deposit.index,
        "state": deposit.state.value,
    }
