"""Brings deposits to reusable addresses to their orders: each starts its own, and hears what changes later."""

from collections.abc import Iterable, Mapping

from temporalio.client import Client
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from activities.support.address_watches import AddressWatches
from baton.accounts.policies import submit_at
from baton.chains.changes import News
from baton.chains.deposits import Deposit, DepositState
from baton.ledger.ledger import Ledger
from baton.ledger.rows import SourceAddressRow, SourceRow
from baton.orders.names import address_order_reference, order_workflow_id
from baton.orders.rules.address_deposits import MAKES_ORDER, reaches_start
from baton.orders.seen_deposits import DepositNotice
from baton.orders.signal_names import deposit_signal
from baton.ownership.address_orders import arrival_of_shown, identity_of_shown
from baton.ownership.adopted_orders import AdoptedOrders
from baton.process.logs import get_logger
from baton.settings import PartnerAccount

_log = get_logger(__name__)


class AddressNotifier:
    """Starts and notifies the orders of deposits to reusable addresses.

    Args:
        client: A Temporal client.
        accounts: The partner accounts; their policies say in which state a deposit starts an order.
        ledger: Where the reusable addresses are.
    """

    def __init__(self, client: Client, accounts: Mapping[str, PartnerAccount], ledger: Ledger) -> None:
        self._client = client
        self._accounts = accounts
        self._ledger = ledger
        self._adopted = AdoptedOrders(client, ledger)

    async def notify(self, news: Iterable[News], watches: AddressWatches) -> int:
        """Start or notify the order of each deposit; return how many were.

        Raises:
            RPCError: Temporal did not accept one; doing it again is harmless.
            LedgerError: The ledger did not answer.
        """
        sent = 0
        for change in news:
            for owner in watches.owners.get(change.now.address, ()):
                row = await self._ledger.sources.source(owner.account, owner.kind, owner.reference)
                if row is not None:
                    sent += await self._notify(row, owner, change)
        return sent

    async def _notify(self, row: SourceRow, owner: SourceAddressRow, change: News) -> int:
        deposit = change.now
        arrival = arrival_of_shown(row, deposit)
        if arrival not in MAKES_ORDER:
            _log.warning("a deposit that makes no order", reason=arrival.value, **_log_fields(row, deposit))
            return 0
        start_at = self._start_at(owner.account, deposit.chain)
        notice = DepositNotice(deposit=deposit, submit_at=start_at)
        if not reaches_start(deposit, start_at):
            reference = address_order_reference(row.reference, identity_of_shown(row, deposit))
            return await self._signal(order_workflow_id(row.account, reference), notice)
        if change.before is not None and reaches_start(change.before, start_at) and _is_same(change):
            return 0
        return await self._start(row, notice)

    async def _start(self, row: SourceRow, notice: DepositNotice) -> int:
        fields = _log_fields(row, notice.deposit)
        try:
            workflow_id = await self._adopted.await_order(row, notice)
        except WorkflowAlreadyStartedError:
            _log.info("a deposit whose order has ended", **fields)
            return 0
        _log.info("a deposit to a reusable address has its order", workflow_id=workflow_id, **fields)
        return 1

    async def _signal(self, workflow_id: str, notice: DepositNotice) -> int:
        """Tell the deposit's order, if it has one, that the deposit is not sure any more."""
        try:
            order = self._client.get_workflow_handle(workflow_id)
            await order.signal(deposit_signal(notice), [notice.model_dump(mode="json")])
        except RPCError as error:
            if error.status is RPCStatusCode.NOT_FOUND:
                return 0
            raise
        return 1

    def _start_at(self, account_name: str, chain: str) -> DepositState:
        account = self._accounts.get(account_name)
        return submit_at(account, chain) if account else DepositState.CONFIRMED


def _is_same(change: News) -> bool:
    """Whether an order that knows the deposit learns nothing: only its confirmations grew."""
    before, now = change.before, change.now
    return before is not None and (before.amount, before.symbol) == (now.amount, now.symbol)


def _log_fields(row: SourceRow, deposit: Deposit) -> dict[str, str]:
    return {
        "account": row.account,
        "address_reference": row.reference,
        "chain": deposit.chain,
        "tx_id": deposit.tx_id,
        "index": deposit.index,
        "state": deposit.state.value,
    }
