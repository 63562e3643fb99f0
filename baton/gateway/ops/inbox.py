"""`/ops`: the inbox, every order that needs a person, with the acts that fit it."""

import asyncio
import time
from contextlib import suppress
from datetime import datetime
from typing import NamedTuple
from urllib.parse import urlencode

from pydantic import ValidationError
from starlette.responses import Response
from starlette.routing import Route

from baton.accounts.tokens import Verb
from baton.bulk.request import BulkAct
from baton.errors import BatonError
from baton.gateway.api.bulk import VERBS as BULK_VERBS
from baton.gateway.ops import attention_list
from baton.gateway.ops.attention_list import InboxFilter, after_end, amount_of, inbox_page, version_of
from baton.gateway.ops.fitting import VERBS, OperatorAct, acts_for
from baton.gateway.ops.frame import ROOT, OperatorFrame, may
from baton.gateway.ops.other_attention import other_attention
from baton.gateway.ops.streaming import stream_of
from baton.gateway.ops.visit import Visit
from baton.gateway.ops.words import order_path
from baton.gateway.parts import PATIENCE
from baton.ledger.errors import LedgerError
from baton.ledger.order_queues import AttendedOrder
from baton.ledger.rows import OrderRow
from baton.order_lists import OrderLists
from baton.orders.amounts import AssetAmount
from baton.orders.answers import Snapshot
from baton.orders.models import Attention, Waiting
from baton.temporal_calls import TemporalCalls

LOOK_EVERY = 5.0
"""Seconds between two looks at the inbox for its stream: it reads every order that needs a person."""

_AT_ONCE = 10
"""How many ended orders are read at the same time."""

_OFFERED = frozenset(OperatorAct) - {OperatorAct.CLOSE, OperatorAct.REPORT}
"""Acts of the list; the order's page has the others, for which one should have read more."""


class InboxRow(NamedTuple):
    """One order in the inbox.

    Attributes:
        order: The order in short.
        path: The path of its page.
        attentions: Why it needs a person; empty if its row does not say.
        reasons: The names of the reasons.
        since: Since when.
        amount: What the payer was asked for.
        waiting: What the order waits for.
        acts: The acts that fit it and the token.
    """

    order: AttendedOrder
    path: str
    attentions: list[Attention]
    reasons: list[str]
    since: datetime
    amount: AssetAmount | None
    waiting: Waiting | None
    acts: list[OperatorAct]


def routes(frame: OperatorFrame) -> list[Route]:
    """Return the routes of the inbox and of its stream."""
    return [frame.page("", show_inbox), frame.page("/changes", changes)]


async def show_inbox(visit: Visit) -> Response:
    """Return a page of the inbox."""
    account = visit.query("account")
    wanted = InboxFilter(visit.query("reason"), visit.query("route"), visit.query("sort") == "amount")
    found = await attended(visit, account, amounts=wanted.by_amount)
    page = inbox_page(found, wanted, visit.number("page"))
    return visit.page(
        "inbox.html.jinja",
        page=page,
        rows=await _rows(visit, page.orders),
        wanted=wanted,
        account=account,
        bulk_acts=[act for act in BulkAct if may(visit.caller, BULK_VERBS.get(act, Verb.OPERATE))],
        done=visit.query("done"),
        others=await other_attention(visit, account),
        live=f"{ROOT}/changes?{urlencode({'shown': version_of(found), 'account': account or ''})}",
        replaces=False,
    )


async def changes(visit: Visit) -> Response:
    """Return the stream that says when other orders need a person, or for other reasons.

    The page then says so; it does not move the rows that somebody is about to click.
    """
    looked_at, current = time.monotonic(), visit.query("shown") or ""

    async def version() -> tuple[str, bool]:
        nonlocal looked_at, current
        if time.monotonic() >= looked_at + LOOK_EVERY:
            looked_at = time.monotonic()
            with suppress(BatonError, LedgerError):
                current = version_of(await attended(visit, visit.query("account")))
        return current, False

    return await stream_of(visit, version, current)


async def attended(visit: Visit, account: str | None, *, amounts: bool = False) -> list[AttendedOrder]:
    """Return every order that needs a person, of one account or of all that the token covers."""
    temporal = visit.parts.client
    ended = await TemporalCalls(temporal, PATIENCE).answer(OrderLists(temporal).reasons_after_end())
    found = await visit.parts.ledger.queues.attended(visit.accounts(account), ended, amounts=amounts)
    return [after_end(order, ended[order.workflow_id]) if order.workflow_id in ended else order for order in found]


async def _rows(visit: Visit, orders: list[AttendedOrder]) -> list[InboxRow]:
    rows = await visit.parts.ledger.search.rows([order.workflow_id for order in orders])
    turn = asyncio.Semaphore(_AT_ONCE)

    async def snapshot(order: AttendedOrder) -> Snapshot | None:
        if order.closed_at is None:
            return _snapshot_in(rows.get(order.workflow_id))
        async with turn:
            return await _ended(visit, order) or _snapshot_in(rows.get(order.workflow_id))

    snapshots = await asyncio.gather(*(snapshot(order) for order in orders))
    return [_row(visit, order, found) for order, found in zip(orders, snapshots, strict=True)]


async def _ended(visit: Visit, order: AttendedOrder) -> Snapshot | None:
    """Return an ended order with the attention that another workflow holds; None while Temporal does not say."""
    try:
        return await visit.client.snapshot(order.reference, order.account)
    except BatonError:
        return None


def _snapshot_in(row: OrderRow | None) -> Snapshot | None:
    try:
        return Snapshot.model_validate(row.snapshot) if row else None
    except ValidationError:  # a row of another version; its columns are enough
        return None


def _row(visit: Visit, order: AttendedOrder, snapshot: Snapshot | None) -> InboxRow:
    attentions = snapshot.attentions if snapshot else []
    acts = acts_for(snapshot) if snapshot else [OperatorAct.RESOLVE]
    return InboxRow(
        order,
        order_path(order.account, order.reference),
        attentions,
        [attention.reason for attention in attentions] or attention_list.reasons_of(order),
        min((attention.since for attention in attentions), default=attention_list.since(order)),
        snapshot.amounts.in_ if snapshot else amount_of(order.amount),
        snapshot.waiting_for if snapshot else None,
        [act for act in acts if act in _OFFERED and may(visit.caller, VERBS[act])],
    )
