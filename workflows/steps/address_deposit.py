"""The step of an order whose deposit to a reusable address has no order at Orchestra, and the update for a refund."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from temporalio import workflow
from temporalio.exceptions import ApplicationError

from baton.orders.address_deposit import AddressDeposit, RefundAsked, RefundRequest
from baton.orders.answers import Standing
from baton.orders.messages import IndexAddress, RefundAccepted, RefundAddressDeposit, Refusal, TrackOrder
from baton.orders.models import FOLLOWED_ELSEWHERE, STAY, NextStep, Outcome, Phase, Reason, close
from baton.orders.names import REFUND_DEPOSIT, idempotency_key
from baton.orders.place_order import PlaceOrder
from baton.orders.rules.address_deposits import REASONS_OF_HELD, seeks_order
from baton.orders.rules.attention import AttentionReason, clear_attention, raise_attention
from baton.orders.rules.deadlines import DeadlineAction
from baton.orders.rules.updates import REFUND_REFUSED, check_refund
from baton.orders.snapshot import standing_of
from baton.orders.state import OrderState
from workflows.support import address_calls
from workflows.support.inbox import Inbox
from workflows.support.monitor import OrderMonitor

T = TypeVar("T")


class AddressDepositStep:
    """Has Orchestra look for the deposit again or refund it, and closes an order whose deposit is gone or replaced."""

    def __init__(self, order: PlaceOrder, state: OrderState, inbox: Inbox, monitor: OrderMonitor) -> None:
        self._order = order
        self._state = state
        self._inbox = inbox
        self._monitor = monitor

    async def act(self, action: DeadlineAction | None) -> NextStep:
        """Do what a person asked for, or what a passed deadline asks for; return what comes next."""
        deposit, record = self._state.address_deposit, self._state.view.record
        assert deposit is not None
        if record is not None and record.superseded_by_operation_id:
            return await self._hand_over(record.superseded_by_operation_id)
        while self._inbox.refund_requests:
            request = self._inbox.refund_requests[0]
            await self._refund(deposit, request.refund_address or deposit.refund_address or "")
            self._inbox.refund_requests.pop(0)
        if not seeks_order(self._state):
            return STAY
        if action is DeadlineAction.INDEX_ADDRESS:
            await self._index(deposit)
        elif action is DeadlineAction.REFUND_DEPOSIT:
            await self._refund(deposit, deposit.refund_address or "")
        elif action is DeadlineAction.EXPIRE:
            return await self._close_gone(deposit)
        return STAY

    async def _hand_over(self, successor: str) -> NextStep:
        """Close the order because another transaction replaced its deposit: that one has an order of its own."""
        call = TrackOrder(account=self._order.account, order_id=successor)
        await self._listening(address_calls.track_order(call))
        message = f"another transaction replaced the deposit; followed by the order of {successor}"
        return close(Outcome.SUPERSEDED, Reason(code=FOLLOWED_ELSEWHERE, message=message))

    async def _index(self, deposit: AddressDeposit) -> None:
        """Have Orchestra look for the deposit; it is read afterwards, whatever the answer is."""
        call = IndexAddress(
            account=self._order.account,
            orchestra_id=deposit.orchestra_id,
            key=self._key("index", deposit.index_generation),
        )
        deposit.index_generation += 1
        refusal = await self._listening(address_calls.index_address(call))
        if refusal is not None:
            workflow.logger.warning("Orchestra did not look for the deposit: %s", refusal.code)
        deposit.indexed_at = workflow.now()
        self._inbox.read_requested = True
        self._monitor.reset_silence()

    async def _refund(self, deposit: AddressDeposit, address: str) -> None:
        """Have Orchestra refund the deposit; a refusal asks a person to look."""
        call = RefundAddressDeposit(
            account=self._order.account,
            deposit=deposit,
            refund_address=address,
            key=self._key("refund", deposit.refund_generation),
        )
        deposit.refund_generation += 1
        answer = await self._listening(address_calls.refund_deposit(call))
        now = workflow.now()
        if isinstance(answer, Refusal):
            deposit.refusal = f"{answer.code}: {answer.message}"
            message = f"Orchestra refused to refund the deposit, {deposit.refusal}"
            raise_attention(self._state, AttentionReason.REFUND_REFUSED, message, now)
        elif isinstance(answer, RefundAccepted):
            deposit.refusal, deposit.refund = None, RefundAsked(at=now, address=address, batch_id=answer.batch_id)
            clear_attention(self._state, AttentionReason.REFUND_REFUSED, *REASONS_OF_HELD)
            self._state.reminders = 0
            self._inbox.read_requested = True
        self._monitor.reset_silence()

    async def _close_gone(self, deposit: AddressDeposit) -> NextStep:
        """Close the order as expired if a last read shows that Orchestra has no order of the deposit either."""
        if await self._monitor.final_check() and seeks_order(self._state) and deposit.is_gone:
            message = "the deposit disappeared from its chain, and Orchestra has no order of it"
            return close(Outcome.EXPIRED, Reason(code="deposit_gone", message=message))
        return STAY

    async def _listening(self, call: Coroutine[Any, Any, T]) -> T:
        """Await a call while what arrives is applied."""
        calling = asyncio.create_task(call)
        await self._monitor.until_done(calling, or_when=lambda: False)
        return calling.result()

    def _key(self, step: str, generation: int) -> str:
        return idempotency_key(workflow.info().workflow_id, step, generation)


class AddressDepositUpdates:
    """The update of orders that come of reusable addresses; a base of the order's workflow."""

    _state: OrderState
    _inbox: Inbox

    @workflow.update(name=REFUND_DEPOSIT, description="Have Orchestra refund the deposit that it made no order of.")
    async def refund_deposit(self, request: RefundRequest) -> Standing:
        """Request the refund and wait for Orchestra's answer; refuse if Orchestra does."""
        self._inbox.refund_requests.append(request)
        self._inbox.add_act(REFUND_DEPOSIT, request.by, request.note)
        await workflow.wait_condition(
            lambda: request not in self._inbox.refund_requests or self._state.phase is Phase.CLOSED
        )
        deposit = self._state.address_deposit
        if deposit is not None and deposit.refund is None and deposit.refusal:
            raise ApplicationError(f"not refunded, {deposit.refusal}", type=REFUND_REFUSED)
        return standing_of(self._state)

    @refund_deposit.validator
    def _may_refund(self, request: RefundRequest) -> None:
        check_refund(self._state, request)
