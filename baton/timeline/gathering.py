"""Gathers an order's timeline from the order, the ledger and Temporal; a part that does not answer is named."""

from datetime import timedelta

from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from baton.ledger.errors import LedgerError
from baton.ledger.ledger import Ledger
from baton.orders.answers import Snapshot
from baton.orders.record import transition_rows
from baton.timeline.entries import EntryKind, OrderStory, TimelineEntry
from baton.timeline.history_entries import history_entries
from baton.timeline.ledger_entries import LedgerParts, ledger_entries
from baton.timeline.order_entries import order_entries

MOST_ROWS = 500
"""Webhooks and notifications of an order that are shown, the newest."""

_HISTORY_TIMEOUT = timedelta(seconds=5)
_SAME_ACT = timedelta(seconds=2)
"""The time within which an act of the order and an update of its history are the same."""

HISTORY_GONE = "Temporal no longer has the order's history, so its calls and polls are missing"
NO_HISTORY = "Temporal does not answer, so the order's calls and polls are missing"
NO_LEDGER = "the ledger does not answer, so webhooks, notifications and writes are missing"


class OrderTimelines:
    """Gathers timelines.

    Args:
        temporal: A Temporal client; None leaves out what the history knows.
        ledger: An open ledger; None leaves out what it knows.
    """

    def __init__(self, temporal: Client | None, ledger: Ledger | None) -> None:
        self._temporal = temporal
        self._ledger = ledger

    async def of(self, order: Snapshot) -> OrderStory:
        """Return everything that happened to an order, oldest first."""
        missing: list[str] = []
        recorded = await self._recorded(order, missing)
        past = await self._history(order, missing)
        own = order_entries(order)
        entries = [*own, *_unnamed(past, own), *ledger_entries(order, recorded)]
        return OrderStory(entries=sorted(entries, key=lambda entry: entry.at), missing=missing)

    async def _recorded(self, order: Snapshot, missing: list[str]) -> LedgerParts:
        if self._ledger is None:
            missing.append(NO_LEDGER)
            return LedgerParts(transitions=transition_rows(order))
        try:
            return await read_parts(self._ledger, order)
        except LedgerError:
            missing.append(NO_LEDGER)
            return LedgerParts(transitions=transition_rows(order))

    async def _history(self, order: Snapshot, missing: list[str]) -> list[TimelineEntry]:
        if self._temporal is None:
            return []
        handle = self._temporal.get_workflow_handle(order.workflow_id)
        try:
            history = await handle.fetch_history(rpc_timeout=_HISTORY_TIMEOUT)
        except RPCError as error:
            missing.append(HISTORY_GONE if error.status is RPCStatusCode.NOT_FOUND else NO_HISTORY)
            return []
        return await history_entries(history.events, self._temporal.data_converter)


async def read_parts(ledger: Ledger, order: Snapshot) -> LedgerParts:
    """Return the ledger's rows of an order.

    Raises:
        LedgerUnavailable: The ledger did not answer.
    """
    of = order.workflow_id
    seen = [deposit.tx_id for deposit in order.deposits]
    return LedgerParts(
        transitions=await ledger.transitions(of) or transition_rows(order),
        webhooks=await ledger.deliveries(of, MOST_ROWS),
        deposits=await ledger.watching.of_transactions(order.source_chain, seen) if seen else (),
        attempts=await ledger.notifications.attempts(workflow_id=of, limit=MOST_ROWS),
        events=await ledger.events.of_order(of),
    )


def _unnamed(past: list[TimelineEntry], own: list[TimelineEntry]) -> list[TimelineEntry]:
    """Return the history's entries without the acts that the order itself has, with the name of the token."""
    acts = [entry for entry in own if entry.kind in (EntryKind.UPDATE, EntryKind.RESOLVED)]
    return [
        entry for entry in past if entry.kind is not EntryKind.UPDATE or not any(_is_same(entry, act) for act in acts)
    ]


def _is_same(entry: TimelineEntry, act: TimelineEntry) -> bool:
    named = act.what == entry.what or (act.kind is EntryKind.RESOLVED and entry.what == "resolve")
    return named and abs(act.at - entry.at) <= _SAME_ACT
