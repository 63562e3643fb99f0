"""What the page of one order shows: the present, its money, its ids, and its timeline with links. Pure."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple
from urllib.parse import urlencode

from baton.chains.spec import ChainSpec
from baton.gateway.ops.words import moment, money
from baton.orders.answers import Snapshot
from baton.timeline.entries import EntryKind, TimelineEntry

QUIET = frozenset({EntryKind.CALL, EntryKind.LEDGER, EntryKind.NOTIFICATION})
"""Kinds that the timeline can leave out: what Baton does by itself."""


class Fact(NamedTuple):
    """One line about an order: its name in the texts, its value, and a link if there is a page about it."""

    name: str
    value: str
    link: str | None = None
    is_code: bool = False


class TimelineRow(NamedTuple):
    """One entry of the timeline as it is shown.

    Attributes:
        entry: The entry.
        day: The day, if the entry before was on another one.
        pause: How long nothing happened before it, if that was longer than a minute.
        link: The page of its transaction, or its deliveries.
    """

    entry: TimelineEntry
    day: date | None
    pause: timedelta | None
    link: str | None


def money_facts(order: Snapshot) -> list[Fact]:
    """Return the amounts of an order."""
    amounts = order.amounts
    out = amounts.out or amounts.estimated_out
    facts = [
        Fact("asked", money(amounts.in_)),
        Fact("received", money(amounts.received)),
        Fact("delivered" if amounts.out else "expected", money(out)),
        Fact("fee", money(amounts.fee)),
        Fact("refunded", money(amounts.refund)),
    ]
    return [fact for fact in facts if fact.value]


def id_facts(order: Snapshot, chains: Mapping[str, ChainSpec]) -> list[Fact]:
    """Return the ids, addresses and transactions of an order, with links to block explorers."""
    source, target = chains.get(order.source_chain), chains.get(order.destination_chain)
    paid = next((deposit.tx_id for deposit in order.deposits if deposit.submitted), order.proof_tx or "")
    refund = str((order.refund or {}).get("tx_hash") or "")
    facts = [
        Fact("order_id", order.order_id or "", is_code=True),
        Fact("quote_id", order.quote_id or "", is_code=True),
        Fact("deposit_address", order.deposit_address or "", is_code=True),
        Fact("deposit_memo", order.deposit_memo or "", is_code=True),
        Fact("deposit_tx", paid, transaction_link(source, paid), is_code=True),
        Fact("sweep_tx", order.sweep_tx_hash or "", transaction_link(source, order.sweep_tx_hash or ""), is_code=True),
        Fact("delivery_tx", order.delivery_tx or "", transaction_link(target, order.delivery_tx or ""), is_code=True),
        Fact("refund_tx", refund, transaction_link(source, refund), is_code=True),
        Fact("recipient", order.recipient_address, is_code=True),
        Fact("workflow", order.workflow_id, is_code=True),
    ]
    return [fact for fact in facts if fact.value]


def origin_facts(order: Snapshot) -> list[Fact]:
    """Return where an order came from, and what the business attached to it."""
    payer = ", ".join(part for part in (order.payer.id, order.payer.region) if part) if order.payer else ""
    source = order.source
    facts = [
        Fact("account", order.account),
        Fact("kind", order.kind),
        Fact("placed_by", order.placed_by or ""),
        Fact("opened", f"{moment(order.opened_at)} UTC"),
        Fact("closed", f"{moment(order.closed_at)} UTC" if order.closed_at else ""),
        Fact("source", ", ".join(part for part in (source.name, source.label) if part) if source else ""),
        Fact("payer", payer),
    ]
    return [fact for fact in facts if fact.value]


def timeline_rows(entries: Sequence[TimelineEntry], chains: Mapping[str, ChainSpec]) -> list[TimelineRow]:
    """Return the timeline as it is shown, oldest first."""
    rows: list[TimelineRow] = []
    before: datetime | None = None
    for entry in entries:
        pause = entry.at - before if before else timedelta(0)
        is_new_day = before is None or before.date() != entry.at.date()
        day = entry.at.date() if is_new_day else None
        rows.append(TimelineRow(entry, day, pause if pause >= timedelta(minutes=1) else None, _link(entry, chains)))
        before = entry.at
    return rows


def transaction_link(chain: ChainSpec | None, transaction: str) -> str | None:
    """Return the page of a transaction at the chain's explorer; None if there is none."""
    if chain is None or chain.explorer is None or not transaction.isalnum():
        return None
    return chain.explorer.replace("{tx}", transaction)


def _link(entry: TimelineEntry, chains: Mapping[str, ChainSpec]) -> str | None:
    if entry.tx_id:
        return transaction_link(chains.get(entry.chain or ""), entry.tx_id)
    if entry.event_id and entry.endpoint:
        return f"/ops/deliveries?{urlencode({'endpoint': entry.endpoint, 'event': entry.event_id})}"
    return None
