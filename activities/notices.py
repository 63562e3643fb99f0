"""Telling orders of their deposits: a signal where something has changed that the order acts on."""

from collections.abc import Iterable, Mapping, Sequence

from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from activities.policies import submit_at
from chains.changes import News, reaches
from chains.deposits import Deposit, DepositState
from ledger.rows import WatchRow
from runtime.logs import get_logger
from runtime.settings import PartnerAccount
from workflows.identity import NOTICE_DEPOSIT
from workflows.sightings import DepositNotice

_log = get_logger(__name__)


class Notices:
    """Sends notices to the orders whose addresses got deposits.

    Args:
        client: A Temporal client.
        accounts: The partner accounts, for how sure a deposit must be before it is submitted.
    """

    def __init__(self, client: Client, accounts: Mapping[str, PartnerAccount]) -> None:
        self._client = client
        self._accounts = accounts

    async def tell(self, chain: str, news: Iterable[News], watches: Sequence[WatchRow]) -> int:
        """Tell every order of what is new about its addresses; return how many notices were taken.

        Raises:
            RPCError: Temporal did not take one; telling again is harmless.
        """
        watching: dict[str, list[WatchRow]] = {}
        for row in watches:
            watching.setdefault(row.address, []).append(row)
        told = 0
        for one in news:
            owners = {row.workflow_id: row.account for row in watching.get(one.now.address, [])}
            for workflow_id, account in owners.items():
                notice = self._notice(chain, account, one.now)
                if matters(one, notice.submit_at):
                    told += await self._send(workflow_id, notice)
        return told

    def _notice(self, chain: str, account: str, deposit: Deposit) -> DepositNotice:
        held = self._accounts.get(account)
        return DepositNotice(deposit=deposit, submit_at=submit_at(held, chain) if held else DepositState.CONFIRMED)

    async def _send(self, workflow_id: str, notice: DepositNotice) -> int:
        try:
            order = self._client.get_workflow_handle(workflow_id)
            await order.signal(NOTICE_DEPOSIT, [notice.model_dump(mode="json")])
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise
            _log.warning("deposit for an order that has closed", **_about(workflow_id, notice.deposit))
            return 0
        _log.info("deposit told to its order", **_about(workflow_id, notice.deposit))
        return 1


def matters(news: News, wanted: DepositState) -> bool:
    """Tell whether an order acts on the news: a first sight, sure enough at last, less sure than before, or gone.

    Each signal costs the order four events, so what changes nothing for it is not told.
    """
    before, now = news
    if before is None or DepositState.GONE in (before.state, now.state):
        return True
    return reaches(before.state, wanted) != reaches(now.state, wanted)


def _about(workflow_id: str, deposit: Deposit) -> dict[str, str]:
    return {
        "workflow_id": workflow_id,
        "chain": deposit.chain,
        "tx_id": deposit.tx_id,
        "index": deposit.index,
        "state": deposit.state.value,
    }
