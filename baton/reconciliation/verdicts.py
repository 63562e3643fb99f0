"""Judges one order by what Baton has and what Orchestra has. Pure.

Orchestra's books come from its history and status reads. A history entry has fewer fields than a status read, so only
what both sides say is compared.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from baton.orchestra.lifecycle import is_hard_end, is_soft_end, public
from baton.orchestra.models import OrderRecord
from baton.orders.answers import Snapshot
from baton.orders.models import Outcome

GRACE = timedelta(minutes=15)
"""How long Baton may take to learn of a change; the slowest planned poll of a running order comes sooner."""


class BookVerdict(StrEnum):
    """How an order stands in both books."""

    AGREEING = "agreeing"
    """Both say the same of an ended order, or neither has one."""
    NOT_DUE = "not_due"
    """The order runs, or changed a moment ago: there is nothing to hold against each other yet."""
    WRONG = "wrong"
    """The books differ."""
    UNKNOWN_HERE = "unknown_here"
    """Orchestra has an order of this account that Baton does not follow."""
    UNKNOWN_THERE = "unknown_there"
    """Baton has an order that Orchestra does not know."""


DIFFERING = frozenset({BookVerdict.WRONG, BookVerdict.UNKNOWN_HERE, BookVerdict.UNKNOWN_THERE})
"""The verdicts that a person must look at."""


class Judgement(NamedTuple):
    """A verdict, with a sentence for each difference."""

    verdict: BookVerdict
    differences: list[str] = []  # noqa: RUF012 - never changed


def judge(ours: Snapshot, theirs: OrderRecord | None, now: datetime, *, known_missing: bool = False) -> Judgement:
    """Judge an order that Baton has.

    Args:
        ours: The order as Baton has it.
        theirs: The order as Orchestra has it; None if it was not found.
        now: The present time.
        known_missing: Whether Orchestra was asked for this very order, so that a missing one is missing indeed.
    """
    if theirs is None:
        return _without_theirs(ours, known_missing=known_missing)
    if _is_recent(ours, theirs, now):
        return Judgement(BookVerdict.NOT_DUE)
    differences = list(_differences(ours, theirs))
    if differences:
        return Judgement(BookVerdict.WRONG, differences)
    return Judgement(BookVerdict.AGREEING if ours.outcome else BookVerdict.NOT_DUE)


def judge_second(theirs: OrderRecord, now: datetime) -> Judgement:
    """Judge an order of Orchestra whose quote belongs to an order that Baton follows under another id."""
    if _changed_lately(theirs, now):
        return Judgement(BookVerdict.NOT_DUE)
    return Judgement(BookVerdict.WRONG, [f"Orchestra has a second order {theirs.id} ({theirs.status}) of this quote"])


def judge_foreign(theirs: OrderRecord, now: datetime) -> Judgement:
    """Judge an order of Orchestra that Baton does not follow."""
    if _changed_lately(theirs, now):
        return Judgement(BookVerdict.NOT_DUE)
    return Judgement(BookVerdict.UNKNOWN_HERE, [f"Orchestra has it as {theirs.status}, and Baton does not follow it"])


def _changed_lately(theirs: OrderRecord, now: datetime) -> bool:
    changed_at = theirs.updated_at or theirs.created_at
    return changed_at is not None and changed_at > now - GRACE


def _without_theirs(ours: Snapshot, *, known_missing: bool) -> Judgement:
    if ours.order_id is None:
        return Judgement(BookVerdict.AGREEING if ours.outcome else BookVerdict.NOT_DUE)
    if known_missing:
        return Judgement(BookVerdict.UNKNOWN_THERE, [f"Orchestra does not know the order {ours.order_id}"])
    return Judgement(BookVerdict.NOT_DUE)


def _is_recent(ours: Snapshot, theirs: OrderRecord, now: datetime) -> bool:
    """Whether the order changed on one side so lately that the other may not know it yet."""
    times = (theirs.updated_at or theirs.created_at, ours.closed_at or ours.opened_at)
    return any(at is not None and at > now - GRACE for at in times)


def _differences(ours: Snapshot, theirs: OrderRecord) -> Iterator[str]:
    yield from _different_ids(ours, theirs)
    yield from _different_state(ours, theirs)
    if ours.outcome is not None and ours.order_id is not None:
        yield from _different_amounts(ours, theirs)


def _different_ids(ours: Snapshot, theirs: OrderRecord) -> Iterator[str]:
    if ours.order_id is None:
        yield f"Orchestra has the order {theirs.id} ({theirs.status}) of this quote, and Baton none"
    elif ours.order_id != theirs.id and theirs.id not in ours.superseded:
        yield f"order id: {ours.order_id} here, {theirs.id} there"
    for name in ("quote_id", "source_chain", "source_asset", "destination_chain", "destination_asset"):
        here, there = getattr(ours, name), getattr(theirs, name)
        if here and there and here != there:
            yield f"{_words(name)}: {here} here, {there} there"


def _different_state(ours: Snapshot, theirs: OrderRecord) -> Iterator[str]:
    if ours.order_id is None:
        return
    here, there = ours.status and public(ours.status), public(theirs.status)
    if ours.outcome is None:
        if is_hard_end(there):
            yield f"status: {here or 'none'} and still followed here, ended as {there} there"
    elif here != there and not _is_cancelled(ours):
        yield f"status: {here or 'none'} ({ours.outcome}) here, {there} there"
    elif not (is_hard_end(there) or is_soft_end(there)) and not _is_cancelled(ours):
        yield f"status: closed as {ours.outcome} here, still {there} there"


def _is_cancelled(ours: Snapshot) -> bool:
    """Whether Baton stopped to follow the order on purpose, whatever Orchestra does with it."""
    return ours.outcome in (Outcome.CANCELLED, Outcome.SUPERSEDED)


def _different_amounts(ours: Snapshot, theirs: OrderRecord) -> Iterator[str]:
    for name in ("amount_in", "amount_out", "fee_amount", "fee_asset"):
        here, there = getattr(ours, name), getattr(theirs, name)
        if here is not None and there is not None and here != there:
            yield f"{_words(name)}: {here} here, {there} there"
    here, there = ours.destination_tx_hash, theirs.destination_tx_hash
    if here and there and here.lower() != there.lower():
        yield f"transaction of the delivery: {here} here, {there} there"
    yield from _different_refund(ours, theirs)


def _different_refund(ours: Snapshot, theirs: OrderRecord) -> Iterator[str]:
    refund = ours.refund or {}
    for name, there in (("amount", theirs.refund_amount), ("tx_hash", theirs.refund_tx_hash)):
        here = refund.get(name)
        if here is not None and there is not None and str(here) != str(there):
            yield f"refund {_words(name)}: {here} here, {there} there"


def _words(name: str) -> str:
    return name.replace("_", " ")
