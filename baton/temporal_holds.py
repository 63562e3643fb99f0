"""Holds as Temporal keeps them: requests to their workflow, its memo, and the count of what waits.

Each failure becomes one of Baton's errors. `BatonClient` loads this module with its first connection.
"""

import uuid
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, TypeVar

from pydantic import BaseModel
from temporalio.client import ActivityFailureError, Client, WithStartWorkflowOperation
from temporalio.common import RetryPolicy
from temporalio.service import RPCError, RPCStatusCode

from baton.errors import BatonError, HoldRefused, HoldUnknown, OrderRefused
from baton.holds.models import (
    CountHeld,
    HeldCounts,
    HeldOrders,
    Hold,
    HoldAnswer,
    HoldLine,
    HoldList,
    HoldRelease,
    HoldsState,
    PlaceHold,
    ReleaseHold,
)
from baton.holds.names import COUNT_HELD, HOLDS, HOLDS_ID, HOLDS_WORKFLOW, PLACE_HOLD, RELEASE_HOLD
from baton.holds.rules import HOLD_UNKNOWN
from baton.holds.start import holds_in, holds_options
from baton.orders.names import WORKFLOW_QUEUE
from baton.ownership.order_start import update_with_start
from baton.temporal_calls import TemporalCalls

A = TypeVar("A", bound=BaseModel)

COUNT_PATIENCE = timedelta(seconds=10)
"""How long the count of what waits may take; without it the holds are shown alone."""

_RETRY = RetryPolicy(initial_interval=timedelta(seconds=1), maximum_attempts=3)


class TemporalHolds:
    """The holds of one Temporal namespace.

    Args:
        temporal: A Temporal client with the pydantic data converter.
        patience: How long each call waits for an answer.
    """

    def __init__(self, temporal: Client, patience: timedelta) -> None:
        self._temporal = temporal
        self._patience = patience
        self._calls = TemporalCalls(temporal, patience)

    async def hold(self, request: PlaceHold) -> HoldAnswer:
        """Place a hold; the same calls are held once.

        Raises:
            HoldRefused: It cannot be placed.
            Unreachable: No answer in time; it may stand, and placing it again is safe.
        """
        return await self._ask(PLACE_HOLD, request, HoldAnswer)

    async def release(self, request: ReleaseHold) -> HoldRelease:
        """Release a hold.

        Raises:
            HoldUnknown: There is no such hold.
            HoldRefused: It is released already.
            Unreachable: No answer in time.
        """
        if not (await self.state()).count:
            raise HoldUnknown(HOLD_UNKNOWN, f"there is no hold {request.hold_id[:64]!r}", "see `baton holds`")
        return await self._ask(RELEASE_HOLD, request, HoldRelease)

    async def state(self) -> HoldsState:
        """Return all holds, without a worker's help.

        Raises:
            Unreachable: Temporal did not answer.
        """
        return await self._calls.answer(self._found())

    async def list(self, accounts: Sequence[str] | None) -> HoldList:
        """Return what is on hold in these accounts, with what waits behind each hold; None means all accounts."""
        state = await self.state()
        holds = [hold for hold in state.holds if _concerns(hold, accounts)]
        releasing = [release for release in state.releasing if _concerns(release.hold, accounts)]
        counts = await self._counts(holds, [release.hold for release in releasing], accounts)
        released = [release for release in await self._released() if _concerns(release.hold, accounts)]
        left = {hold_id: found.count for hold_id, found in counts.items()}
        return HoldList(
            holds=[HoldLine(hold=hold, waiting=counts.get(hold.id)) for hold in holds],
            releasing=[each.model_copy(update={"left": left.get(each.hold.id)}) for each in releasing],
            released=released,
        )

    async def _counts(
        self, holds: Sequence[Hold], releasing: Sequence[Hold], accounts: Sequence[str] | None
    ) -> dict[str, HeldOrders]:
        """Return what waits behind each hold; nothing if no worker answers, because the holds stand anyway."""
        if not holds and not releasing:
            return {}
        named = None if accounts is None else [*accounts]
        call = CountHeld(holds=[*holds], releasing=[*releasing], accounts=named)
        counting = self._temporal.execute_activity(
            COUNT_HELD,
            call,
            id=f"{COUNT_HELD}/{uuid.uuid4().hex}",
            task_queue=WORKFLOW_QUEUE,
            result_type=HeldCounts,
            schedule_to_close_timeout=min(self._patience, COUNT_PATIENCE),
            retry_policy=_RETRY,
            summary="count what waits behind holds",
        )
        try:
            counts: HeldCounts = await self._calls.answer(counting)
        except (ActivityFailureError, BatonError):
            return {}
        return {found.hold_id: found for found in counts.counts}

    async def _released(self) -> Sequence[HoldRelease]:
        """Return the last releases; none if no worker answers, or nothing was ever on hold."""
        handle = self._temporal.get_workflow_handle(HOLDS_ID)
        asking = handle.query(HOLDS, result_type=HoldsState, rpc_timeout=min(self._patience, COUNT_PATIENCE))
        try:
            state: HoldsState = await self._calls.answer(asking)
        except BatonError:
            return []
        return state.released

    async def _ask(self, update: str, request: BaseModel, answer: type[A]) -> A:
        """Send the workflow a request; start it if it does not run, with what was on hold when it ended."""
        try:
            return await self._calls.answer(self._update(update, request, answer))
        except OrderRefused as refusal:
            raise _error(refusal.code, refusal.message, refusal.remedy) from None

    async def _update(self, update: str, request: BaseModel, answer: type[A]) -> A:
        state = await self._found()
        start: WithStartWorkflowOperation[Any, Any] = WithStartWorkflowOperation(
            HOLDS_WORKFLOW, state, **holds_options(state)
        )
        return await update_with_start(self._temporal, start, update, request, answer)

    async def _found(self) -> HoldsState:
        """Return all holds; a workflow that somebody ended by hand still says what was on hold, and that stays."""
        try:
            found = await self._temporal.get_workflow_handle(HOLDS_ID).describe()
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise
            return HoldsState()
        return holds_in(dict(await found.memo()))


def _concerns(hold: Hold, accounts: Sequence[str] | None) -> bool:
    """Whether a hold stops calls of one of these accounts."""
    return accounts is None or hold.account is None or hold.account in accounts


def _error(code: str, message: str, remedy: str) -> BatonError:
    """Return the refusal of a request about holds."""
    kind = HoldUnknown if code == HOLD_UNKNOWN else HoldRefused
    return kind(code, message, remedy)
