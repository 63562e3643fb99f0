"""Gathers an order's timeline from the order, the ledger and Temporal; a part that does not answer is named."""

from collections.abc import Sequence
from datetime import timedelta

from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from baton.ledger.acts import ActFilter
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
_ACTS = frozenset({EntryKind.UPDATE, EntryKind.RESOLVED})
_SAME_ACT = timedelta(seconds=5)
"""The time within which two sources mean the same act: each has the time by its own clock."""

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
        entries = _without_repeats(own, ledger_entries(order, recorded), past)
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
        acts=await ledger.acts.page(ActFilter([order.account], "order", order.reference), MOST_ROWS),
    )


def _without_repeats(own: Sequence[TimelineEntry], *others: Sequence[TimelineEntry]) -> list[TimelineEntry]:
    """Return the entries of all sources; an act that an earlier source has is left out of the later ones.

    The order has a resolution with its reason, the record of acts has who and why, and the history alone has what came
    neither by the order API nor by command.
    """
    kept = [entry for entry in own if entry.kind is not EntryKind.UPDATE]
    for entries in (*others, [entry for entry in own if entry.kind is EntryKind.UPDATE]):
        acts = [entry for entry in kept if entry.kind in _ACTS]
        kept += [entry for entry in entries if not any(_is_same(entry, act) for act in acts)]
    return kept


def _is_same(entry: TimelineEntry, act: TimelineEntry) -> bool:
    if entry.kind is not EntryKind.UPDATE or abs(act.at - entry.at) > _SAME_ACT:
        return False
    return act.what == entry.what or (act.kind is EntryKind.RESOLVED and entry.what == "resolve")
