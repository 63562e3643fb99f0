"""Addresses and links as Temporal runs them: creation, updates, queries and lists, with Baton's errors."""

from collections.abc import Awaitable
from datetime import timedelta
from typing import Any, TypeVar

from pydantic import BaseModel
from temporalio.client import (
    Client,
    WithStartWorkflowOperation,
    WorkflowExecutionDescription,
    WorkflowExecutionStatus,
    WorkflowFailureError,
    WorkflowHandle,
)
from temporalio.exceptions import WorkflowAlreadyStartedError

from baton.errors import OrderRefused, OrderUnknown, SourceRefused, SourceUnknown, Unreachable
from baton.orders.order_source import SourceKind
from baton.orders.rules.updates import REFERENCE_CONFLICT
from baton.orders.visibility import interruption_of
from baton.ownership.order_start import update_with_start
from baton.sources.answers import SourceResult, SourceSnapshot
from baton.sources.create_source import EDITION, STANDING, CreateSource
from baton.sources.names import CREATE, SOURCE, WORKFLOW_OF, source_workflow_id
from baton.sources.rules.refused import refused_source_result
from baton.sources.rules.updates import NOT_ENABLED, SOURCE_CLOSED, source_differences
from baton.sources.start import source_start_options
from baton.sources.state import SourcePhase
from baton.sources.visibility import SourceLine, source_line, source_query
from baton.temporal_calls import TemporalCalls

T = TypeVar("T")

SOURCE_BROKEN = "source_broken"
"""The workflow of an address or a link ended without a result."""

_ATTEMPTS = 5
"""How often creation starts over because others create, or end, the same reference meanwhile."""


class TemporalSources:
    """The reusable addresses and pay links of one Temporal namespace.

    Args:
        temporal: A Temporal client with the pydantic data converter.
        patience: How long each call waits for an answer.
    """

    def __init__(self, temporal: Client, patience: timedelta) -> None:
        self._temporal = temporal
        self._calls = TemporalCalls(temporal, patience)

    async def create(self, source: CreateSource) -> SourceSnapshot:
        """Create an address or a link, or return it if the same one is open.

        Raises:
            SourceRefused: Orchestra refused it, the reference belongs to another request, or it was disabled.
            Unreachable: No answer in time; it may exist, and creating it again is safe.
        """
        for _ in range(_ATTEMPTS):
            try:
                snapshot = await self._answer(self._start(source), source.account)
            except (WorkflowAlreadyStartedError, SourceUnknown):
                pass
            except SourceRefused as refusal:
                if not await self._is_about_to_close(source, refusal):
                    raise
            else:
                if snapshot.phase is SourcePhase.REFUSED:
                    await self._closed(source)
                    raise _refused(snapshot)
                if snapshot.phase is SourcePhase.DISABLED:  # its workflow is about to close
                    raise _disabled(source)
                return snapshot
            refused = await self._closed(source)
            if refused is None:
                raise await self._closed_error(source)
            source = source.model_copy(update={"again": True})
        message = f"others create {source.kind} {source.reference} at the same time"
        raise Unreachable("reference_contended", message, "create it again")

    async def _start(self, source: CreateSource) -> SourceSnapshot:
        source = source.model_copy(update={"edition": EDITION})
        start: WithStartWorkflowOperation[Any, SourceResult] = WithStartWorkflowOperation(
            WORKFLOW_OF[source.kind], source, result_type=SourceResult, **source_start_options(source)
        )
        return await update_with_start(self._temporal, start, CREATE, source, SourceSnapshot)

    async def _is_about_to_close(self, source: CreateSource, refusal: SourceRefused) -> bool:
        """Whether the reference belongs to a request that Orchestra refused, whose workflow is about to close."""
        if refusal.code != REFERENCE_CONFLICT:
            return False
        return (await self.snapshot(source.kind, source.reference, source.account)).phase is SourcePhase.REFUSED

    async def _closed(self, source: CreateSource) -> SourceResult | None:
        """Wait for the end of the newest run; return its result if it was refused."""
        try:
            await self._answer(self._handle(source.kind, source.reference, source.account).result())
        except WorkflowFailureError as error:
            return refused_source_result(error.cause)
        return None

    async def _closed_error(self, source: CreateSource) -> SourceRefused:
        """Return why a reference cannot be created whose workflow closed without a refusal."""
        handle = self._handle(source.kind, source.reference, source.account)
        found = await self._answer(handle.describe())
        name = f"{source.kind} {source.reference}"
        if found.status is not WorkflowExecutionStatus.COMPLETED:
            return _broken(name, found)
        closed = (await self._answer(handle.result())).snapshot
        differing = ", ".join(source_differences(_as_created(closed), source))
        if differing:
            message = f"reference {source.reference!r} belongs to another request ({differing})"
            return SourceRefused(REFERENCE_CONFLICT, message, "use a new reference")
        return _disabled(source)

    async def snapshot(self, kind: SourceKind, reference: str, account: str) -> SourceSnapshot:
        """Return an address or a link as it stands, enabled or disabled.

        Raises:
            SourceUnknown: There is none.
            Unreachable: No answer in time.
        """
        handle = self._handle(kind, reference, account)
        return await self._answer(handle.query(SOURCE, result_type=SourceSnapshot))

    async def enable(self, reference: str, account: str) -> SourceSnapshot:
        """Enable a disabled standing address again, or return one that is enabled.

        Raises:
            SourceRefused: Orchestra refused it, or has no call for this type; or its workflow broke.
            SourceUnknown: There is none.
            Unreachable: No answer in time; it may be enabled, and enabling it again is safe.
        """
        handle = self._handle(SourceKind.ADDRESS, reference, account)
        found = await self._answer(handle.describe())
        if found.status is WorkflowExecutionStatus.RUNNING:
            known = await self.snapshot(SourceKind.ADDRESS, reference, account)
            if known.phase is not SourcePhase.DISABLED:  # otherwise its workflow is about to close
                return known
        elif found.status is not WorkflowExecutionStatus.COMPLETED:
            raise _broken(f"{SourceKind.ADDRESS} {reference}", found)
        source = _enabled_again((await self._answer(handle.result())).snapshot)
        try:
            snapshot = await self._answer(self._start(source), account)
        except WorkflowAlreadyStartedError:  # it was refused at once, or disabled again
            snapshot = (await self._answer(handle.result())).snapshot
        if snapshot.phase is not SourcePhase.ENABLED:
            message = snapshot.reason.message if snapshot.reason else "it was disabled meanwhile"
            raise SourceRefused(NOT_ENABLED, f"address {reference}: {message}", "ask Orchestra's support")
        return snapshot

    async def update(
        self, kind: SourceKind, reference: str, account: str, name: str, argument: BaseModel
    ) -> SourceSnapshot:
        """Send an update; return where the address or the link then stands.

        Raises:
            SourceRefused: It is closed, or Orchestra refused.
            SourceUnknown: There is none.
            Unreachable: No answer in time; what was asked is kept.
        """
        handle = self._handle(kind, reference, account)
        try:
            return await self._answer(handle.execute_update(name, argument, result_type=SourceSnapshot))
        except SourceUnknown:
            found = await self._answer(handle.describe())  # an unknown one is unknown here too
            if found.status is WorkflowExecutionStatus.RUNNING:
                raise
        raise SourceRefused(SOURCE_CLOSED, f"{kind} {reference} is closed", f"see `baton {kind} show {reference}`")

    async def lines(
        self, kind: SourceKind, limit: int, account: str | None = None, phase: SourcePhase | None = None
    ) -> list[SourceLine]:
        """Return addresses or links with these values, open ones first; one that was created again is listed once."""
        found = await self._answer(self._list(source_query(kind, account, phase), limit))
        newest: dict[str, SourceLine] = {}
        for line in found:
            known = newest.get(line.workflow_id)
            if known is None or line.opened_at > known.opened_at:
                newest[line.workflow_id] = line
        return list(newest.values())

    async def _list(self, query: str, limit: int) -> list[SourceLine]:
        return [source_line(found) async for found in self._temporal.list_workflows(query, limit=limit)]

    async def _answer(self, call: Awaitable[T], account: str | None = None) -> T:
        """Return the answer to a call; errors speak of addresses and links, not of orders."""
        try:
            return await self._calls.answer(call, account)
        except OrderRefused as error:
            raise SourceRefused(error.code, error.message, error.remedy) from None
        except OrderUnknown:
            message = "no address or link has this reference in this account"
            raise SourceUnknown("source_unknown", message, "check the reference and the account") from None

    def _handle(self, kind: SourceKind, reference: str, account: str) -> WorkflowHandle[Any, SourceResult]:
        return self._temporal.get_workflow_handle(
            source_workflow_id(kind, account, reference), result_type=SourceResult
        )


def _broken(name: str, found: WorkflowExecutionDescription) -> SourceRefused:
    interruption = interruption_of(found)
    how = interruption.how if interruption else "closed"
    message = f"the workflow of {name} was {how} in Temporal; it may still exist at Orchestra"
    return SourceRefused(SOURCE_BROKEN, message, "find out at Orchestra, and use a new reference")


def _disabled(source: CreateSource) -> SourceRefused:
    message = f"{source.kind} {source.reference} was disabled"
    return SourceRefused(SOURCE_CLOSED, message, "create it under a new reference")


def _refused(snapshot: SourceSnapshot) -> SourceRefused:
    reason = snapshot.reason
    code, message = (reason.code, reason.message) if reason else ("refused", "it was refused")
    return SourceRefused(code, f"{snapshot.kind} {snapshot.reference} does not exist: {message}", _CORRECT)


_CORRECT = "correct it and create it again, under the same reference if you like"


def _enabled_again(closed: SourceSnapshot) -> CreateSource:
    """Return the start of a run that enables a disabled address.

    Raises:
        SourceRefused: Orchestra has no call for its type.
    """
    if closed.type != STANDING:
        message = f"address {closed.reference} cannot be enabled again: Orchestra enables standing addresses alone"
        raise SourceRefused(NOT_ENABLED, message, "create one under a new reference")
    return _as_created(closed).model_copy(update={"again": True, "enables": True})


def _as_created(closed: SourceSnapshot) -> CreateSource:
    """Return the request that a closed address or link had."""
    fields = closed.model_dump(include={"account", "kind", "reference", "label", "metadata", "policy", "request"})
    return CreateSource.model_validate(fields)
