"""The examples of docs/events.md, made by the code that makes events.

`python -m tests.notifications.event_examples` writes them.
"""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

from baton.orchestra.models import OrderRecord
from baton.orders.events import events_of, public_document, stopped_event
from baton.orders.models import Outcome, Phase
from baton.orders.observation import Observation, OrderView
from baton.orders.rules.attention import AttentionReason, clear_attention, raise_attention
from baton.orders.rules.changes import note_changes
from baton.orders.rules.present import merge
from baton.orders.snapshot import snapshot_of
from baton.orders.state import OrderState
from tests.orders.states import NOON, order, quote, refused, seen, state

PAGE = Path(__file__).parents[2] / "docs" / "events.md"
BEGIN, END = "<!-- examples -->\n", "<!-- end of examples -->\n"

_ADDED = {
    "order.attention_raised": ("attention",),
    "order.attention_cleared": ("attention",),
    "order.decision_wanted": ("decision", "waiting_for"),
    "order.requoted": ("quote_id", "deposit_address", "expires_at"),
    "order.swapping": ("transition", "phase", "status"),
    "order.stopped": ("stopped",),
    "order.closed": ("phase", "status", "outcome", "closed_at"),
}
"""Types to the fields of `data` that their example shows; the others show all."""

_MEANINGS = {
    "order.placed": "The order has a deposit instruction: where the payer pays, how much and until when.",
    "order.requoted": "The quote expired and the policy requested another one: the payer pays to the new address.",
    "order.swapping": "The order is in a status of Orchestra, here `swapping`: one event for each, `order.processing`, "
    "`order.confirming`, `order.completed`, `order.refunded` and so on. Statuses that Baton does not know come too.",
    "order.attention_raised": "A person must look; `reason` is one of those in [attention.md](attention.md).",
    "order.attention_cleared": "That reason no longer stands.",
    "order.decision_wanted": "The order waits for the business until `waiting_for.until`: for an answer to a ZeroConf "
    "offer or a repricing, or for a correct deposit report. A policy may answer before you do.",
    "order.closed": "The order has ended; `outcome` says how. What Orchestra reports later comes as another status, "
    "and what needs a person later, or no longer does, as `order.attention_raised` or `order.attention_cleared`, for "
    "30 days after the end.",
    "order.stopped": "An operator stopped the order's workflow in Temporal; Baton no longer follows the order.",
}


def examples() -> dict[str, dict[str, Any]]:
    """Return one event of each type, as it is sent."""
    found: dict[str, dict[str, Any]] = {}
    for known in _states():
        snapshot = snapshot_of(order(), known)
        document = snapshot.model_dump(mode="json")
        for event in events_of(snapshot, document):
            found.setdefault(event.type, public_document(event))
    stopped = stopped_event(snapshot, document, "terminated", NOON + timedelta(hours=1))
    return {**found, stopped.type: public_document(stopped)}


def _states() -> Iterator[OrderState]:
    yield state()
    yield state(quotes=[quote(1), quote(2)])
    yield state(Phase.TRACKING, view=_view("processing", "swapping"), status_since=NOON)
    looked_at = state()
    raise_attention(looked_at, AttentionReason.OVERDUE, "waiting for a deposit longer than planned", NOON)
    yield _published(looked_at, 1)
    clear_attention(looked_at, AttentionReason.OVERDUE)
    yield _published(looked_at, 2)
    yield _published(state(deposits=[refused()]), 3)
    record = OrderRecord(id="ord_1", status="completed", updated_at=NOON + timedelta(seconds=90), quote_id="q_1")
    view = merge(_view("processing", "swapping"), Observation(source="webhook", record=record)).view
    yield state(Phase.CLOSED, view=view, outcome=Outcome.COMPLETED, closed_at=NOON + timedelta(seconds=91))


def _view(*statuses: str) -> OrderView:
    view = OrderView()
    for number, status in enumerate(statuses):
        view = merge(view, seen(status, 30 * number)).view
    return view


def _published(known: OrderState, minutes: int) -> OrderState:
    known.published_at = NOON + timedelta(minutes=minutes)
    note_changes(known, order().policy)
    return known


def written() -> str:
    """Return the part of the page between the markers."""
    made, parts = examples(), []
    for kind, meaning in _MEANINGS.items():
        shown = made[kind]
        if kind in _ADDED:
            shown = {
                "type": kind,
                "position": shown["position"],
                "data": {each: shown["data"][each] for each in _ADDED[kind]},
            }
        text = json.dumps(shown, indent=2, ensure_ascii=False)
        parts.append(f"### `{kind}`\n\n{meaning}\n\n```json\n{text}\n```\n")
    return "\n".join(parts)


def renew() -> None:
    """Write the examples into the page."""
    page = PAGE.read_text(encoding="utf-8")
    before, rest = page.split(BEGIN)
    PAGE.write_text(before + BEGIN + "\n" + written() + "\n" + END + rest.split(END)[1], encoding="utf-8")


if __name__ == "__main__":
    renew()
