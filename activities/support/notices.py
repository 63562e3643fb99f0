"""Notifies orders of their deposits: one signal for each change that the order acts on."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from activities.support.follow_up_start import FollowUpStarter
from baton.accounts.policies import submit_at
from baton.chains.changes import News
from baton.chains.deposits import Deposit, DepositState, reaches
from baton.ledger.ledger import Ledger
from baton.ledger.rows import OrderRow, WatchRow
from baton.orders.seen_deposits import DepositNotice
from baton.orders.signal_names import deposit_signal
from baton.process.logs import get_logger
from baton.settings import PartnerAccount

_log = get_logger(__name__)

_PERMANENT = frozenset({RPCStatusCode.INVALID_ARGUMENT, RPCStatusCode.FAILED_PRECONDITION})
"""Errors that no retry of the signal can fix: such an order must not block the others."""


class DepositNotifier:
    """Sends notices to the orders whose addresses received deposits.

    Args:
        client: A Temporal client.
        accounts: The partner accounts; their policies say in which state a deposit is submitted.
        ledger: Where the orders' rows are; an order's own policy comes before its account's.
    """

    def __init__(self, client: Client, accounts: Mapping[str, PartnerAccount], ledger: Ledger) -> None:
        self._client = client
        self._accounts = accounts
        self._ledger = ledger
        self._follow_ups = FollowUpStarter(client, ledger)

    async def notify(self, chain: str, news: Iterable[News], watches: Sequence[WatchRow]) -> int:
        """Send every order the news of its addresses; return how many notices were accepted.

        Raises:
            RPCError: Temporal did not accept a notice; sending it again is harmless.
            LedgerError: The ledger did not answer.
        """
        owners: dict[str, dict[str, str]] = defaultdict(dict)
        for row in watches:
            owners[row.address][row.workflow_id] = row.account
        sent = 0
        for change in news:
            for workflow_id, account in owners.get(change.now.address, {}).items():
                notice = self._notice(chain, account, change.now)
                if await self._concerns(workflow_id, change, notice.submit_at):
                    sent += await self._send(workflow_id, notice)
        return sent

    def _notice(self, chain: str, account_name: str, deposit: Deposit) -> DepositNotice:
        account = self._accounts.get(account_name)
        return DepositNotice(
            deposit=deposit, submit_at=submit_at(account, chain) if account else DepositState.CONFIRMED
        )

    async def _concerns(self, workflow_id: str, news: News, account_state: DepositState) -> bool:
        """Whether the order acts on the news; its own policy comes before the account's."""
        if concerns_every_order(news):
            return True
        order = await self._ledger.order(workflow_id)
        if order is None:  # its row may be late: a notice too many is better than none
            return news.before is None or news.before.state is not news.now.state
        return changes_readiness(news, submit_state_of(order) or account_state)

    async def _send(self, workflow_id: str, notice: DepositNotice) -> int:
        fields = _log_fields(workflow_id, notice.deposit)
        try:
            order = self._client.get_workflow_handle(workflow_id)
            await order.signal(deposit_signal(notice), [notice.model_dump(mode="json")])
        except RPCError as error:
            if error.status is RPCStatusCode.NOT_FOUND:
                return await self._start_follow_up(workflow_id, notice)
            if error.status not in _PERMANENT:
                raise
            _log.error("an order cannot be notified of its deposit", **fields, reason=error.message)
            return 0
        _log.info("an order was notified of its deposit", **fields)
        return 1

    async def _start_follow_up(self, workflow_id: str, notice: DepositNotice) -> int:
        """Start a follow-up order for the deposit if the order closed only for lack of money."""
        fields = _log_fields(workflow_id, notice.deposit)
        follow_up = await self._follow_ups.start(workflow_id, notice)
        if follow_up is None:
            _log.warning("deposit for an order that has closed", **fields)
            return 0
        _log.warning(
            "deposit after its order closed unpaid; a follow-up order continues", **fields, follow_up=follow_up
        )
        return 1


def concerns_every_order(news: News) -> bool:
    """Whether every order acts on the news, under any policy: a new deposit, amount or name, one gone or back again."""
    if news.before is None or (news.before.amount, news.before.symbol) != (news.now.amount, news.now.symbol):
        return True
    return DepositState.GONE in (news.before.state, news.now.state)


def changes_readiness(news: News, submit_state: DepositState) -> bool:
    """Whether the deposit just reached the state in which it is submitted, or fell back below it.

    Each signal costs the order four events, so other changes of state are not sent.
    """
    if news.before is None:
        return True
    return reaches(news.before.state, submit_state) != reaches(news.now.state, submit_state)


def submit_state_of(order: OrderRow) -> DepositState | None:
    """Return the state in which the order's own policy submits a deposit, or None if it does not say."""
    policy = order.snapshot.get("policy")
    state = policy.get("submit_at") if isinstance(policy, dict) else None
    return DepositState(state) if isinstance(state, str) else None


def _log_fields(workflow_id: str, deposit: Deposit) -> dict[str, str]:
    return {
        "workflow_id": workflow_id,
        "chain": deposit.chain,
        "tx_id": deposit.tx_id,
        "index": deposit.index,
        "state": deposit.state.value,
    }
