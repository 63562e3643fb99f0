"""The progress of a payment, step by step, for the payer page. Pure."""

from enum import StrEnum
from typing import NamedTuple

from baton.gateway.pay.names import chain_name
from baton.gateway.pay.texts import Texts
from baton.orders.answers import Snapshot
from baton.orders.models import Outcome, Phase


class Mark(StrEnum):
    """How far a step is."""

    DONE = "done"
    NOW = "now"
    TODO = "todo"


class Step(NamedTuple):
    """One step: its words and how far it is, also in words."""

    name: str
    text: str
    mark: Mark
    said: str


_WAY = ("deposit", "confirming", "swapping", "bridging", "delivering", "completed")
_BACK = ("refunding", "refunded")
_REACHED_BY = {
    "confirming": "confirming",
    "swapping": "swapping",
    "awaiting_approval": "confirming",
    "bridging": "bridging",
    "delivering": "delivering",
    "completed": "completed",
}
"""The step that a status stands at; the others say only that the payment is known."""


def steps_of(order: Snapshot, texts: Texts) -> list[Step]:
    """Return the steps; none before anything came in, or if nothing ever did."""
    seen = [transition.status for transition in order.transitions]
    if not _has_begun(order, seen):
        return []
    if order.outcome is Outcome.REFUNDED or (order.status == "refunding" and order.outcome is None):
        back = "refunded" if order.outcome else "refunding"
        return _marked(("deposit", *_BACK), back, order, texts, ended=order.outcome is not None)
    reached = [_REACHED_BY[status] for status in seen if status in _REACHED_BY]
    names = _way_of(reached)
    current = max(reached, key=names.index, default=_first(order))
    return _marked(names, current, order, texts, ended=order.outcome is not None)


def _way_of(reached: list[str]) -> tuple[str, ...]:
    """Return the steps of an order; some routes bridge before they swap, others after, and many not at all."""
    if "bridging" not in reached:
        return tuple(name for name in _WAY if name != "bridging")
    if "swapping" in reached and reached.index("swapping") < reached.index("bridging"):
        return _WAY
    return ("deposit", "confirming", "bridging", "swapping", "delivering", "completed")


def _has_begun(order: Snapshot, seen: list[str]) -> bool:
    if order.outcome in (Outcome.EXPIRED, Outcome.CANCELLED, Outcome.UNFULFILLED, Outcome.SUPERSEDED):
        return False
    if order.page is not None:
        return bool(set(seen) & _REACHED_BY.keys())
    is_followed = order.phase in (Phase.TRACKING, Phase.CLOSED) and bool(seen)
    return is_paid_on_chain(order) or order.proof is not None or is_followed


def _first(order: Snapshot) -> str:
    """Return the step of an order whose deposit is known and that Orchestra has not moved yet."""
    confirmed = any(deposit.state in ("confirmed", "final") for deposit in order.deposits)
    return "confirming" if confirmed or order.order_id else "deposit"


def _marked(names: tuple[str, ...], current: str, order: Snapshot, texts: Texts, *, ended: bool) -> list[Step]:
    place = names.index(current) if current in names else 0
    marks = [Mark.DONE if at < place else Mark.TODO if at > place else Mark.NOW for at in range(len(names))]
    if ended and order.outcome in (Outcome.COMPLETED, Outcome.REFUNDED):
        marks[place] = Mark.DONE
    elif ended:
        marks = [Mark.DONE if at < place else Mark.TODO for at in range(len(names))]
    chain = chain_name(order.source_chain)
    return [
        Step(name, texts("step", name, chain=chain), mark, texts("step", mark))
        for name, mark in zip(names, marks, strict=True)
    ]


def is_paid_on_chain(order: Snapshot) -> bool:
    """Whether the chain shows a deposit that may belong to the order."""
    return any(deposit.state != "gone" and deposit.verdict in _PAYS for deposit in order.deposits)


_PAYS = frozenset({"exact", "short", "over"})
