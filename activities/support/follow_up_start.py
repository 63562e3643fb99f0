"""What is done about a deposit on the chain after its order has closed: a follow-up order, or a person is asked."""

from datetime import UTC, datetime

from temporalio.client import Client
from temporalio.exceptions import WorkflowAlreadyStartedError

from baton.encoding.units import in_words
from baton.ledger.ledger import Ledger
from baton.orders.after_close import raise_after_close
from baton.orders.answers import Snapshot
from baton.orders.models import Attention
from baton.orders.names import follow_up_reference, order_workflow_id
from baton.orders.rules.attention import AttentionReason, attention_of, next_number
from baton.orders.rules.follow_up import AfterEnd, after_notice
from baton.orders.seen_deposits import DepositNotice
from baton.orders.signal_names import deposit_signal
from baton.ownership.follow_ups import MAX_GENERATIONS, FollowUps, attention_for
from baton.ownership.order_workflows import Fate, Holder
from baton.ownership.owners import Owners


class FollowUpStarter:
    """Continues orders that have closed with the deposits that come later.

    The gateway and the client start the same follow-up, under the same reference, when a webhook or a report brings the
    news; the first start wins.

    Args:
        client: A Temporal client.
        ledger: Where the deposit address is reassigned to the follow-up order.
    """

    def __init__(self, client: Client, ledger: Ledger) -> None:
        self._client = client
        self._ledger = ledger
        self._owners = Owners(client, ledger)
        self._follow_ups = FollowUps(client)

    async def start(self, closed_id: str, notice: DepositNotice) -> str | None:
        """Start the follow-up order of a deposit, or ask a person; calling it twice has the effect of one call.

        Args:
            closed_id: Workflow id of the order that has closed.
            notice: The deposit.

        Returns:
            Workflow id of the order that has the deposit now, or None if there is none.

        Raises:
            RPCError: Temporal or the workers did not answer.
            LedgerError: The ledger could not be read or written.
        """
        workflow_id = closed_id
        for _ in range(MAX_GENERATIONS):
            holder = await self._owners.inspect(workflow_id)
            if holder.fate is Fate.OPEN:
                return await self._signal(workflow_id, notice)
            closed = await self._owners.closed(holder)
            if closed is None:
                return None
            try:
                return await self._apply(holder, closed, notice)
            except WorkflowAlreadyStartedError:
                workflow_id = order_workflow_id(closed.account, follow_up_reference(closed.reference))
        return None

    async def _apply(self, holder: Holder, closed: Snapshot, notice: DepositNotice) -> str | None:
        match after_notice(closed, holder.end, notice):
            case AfterEnd.FOLLOW_UP:
                follow_up = await self._follow_ups.await_deposit(closed, notice, attention_for(holder))
                await self._ledger.watching.reassign(holder.workflow_id, follow_up)
                return follow_up
            case AfterEnd.ASK:
                await raise_after_close(self._client, holder.workflow_id, _attention(closed, notice))
        return None

    async def _signal(self, workflow_id: str, notice: DepositNotice) -> str:
        order = self._client.get_workflow_handle(workflow_id)
        await order.signal(deposit_signal(notice), [notice.model_dump(mode="json")])
        return workflow_id


def _attention(closed: Snapshot, notice: DepositNotice) -> Attention:
    deposit, end = notice.deposit, closed.outcome or "closed"
    transfer = f"{in_words(deposit.amount, deposit.symbol or deposit.asset, deposit.decimals)} in {deposit.tx_id}"
    message = f"the order is {end}, and a deposit came to its address: {transfer}; it is not submitted"
    number = next_number(closed.cleared, AttentionReason.LATE_DEPOSIT)
    return attention_of(AttentionReason.LATE_DEPOSIT, message, datetime.now(UTC)).model_copy(update={"number": number})
