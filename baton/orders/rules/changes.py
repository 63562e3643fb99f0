"""What an order remembers of its changes beside its statuses, so that each becomes one event. Pure."""

from baton.orchestra.rules.zeroconf import read_offer
from baton.orders.models import OrderPolicy, WantedDecision
from baton.orders.rules.deadlines import next_deadline
from baton.orders.rules.reprice import open_question
from baton.orders.rules.wait_plans import BUSINESS
from baton.orders.state import OrderState

MAX_DECISIONS = 50
"""How many wanted decisions an order keeps."""


def note_changes(state: OrderState, policy: OrderPolicy) -> None:
    """Note what changed until the state is published: attentions that were cleared, and a decision that is wanted."""
    assert state.published_at is not None
    for cleared in state.cleared:
        cleared.at = cleared.at or state.published_at
    wanted = _wanted(state, policy)
    previous = state.decisions[-1] if state.decisions else None
    repeats = state.asks and wanted and previous and (wanted.what, wanted.about) == (previous.what, previous.about)
    if wanted and not repeats:
        state.decisions = [*state.decisions, wanted][-MAX_DECISIONS:]
    state.asks = wanted is not None


def _wanted(state: OrderState, policy: OrderPolicy) -> WantedDecision | None:
    """Return the decision that the order waits for; None if it waits for nobody's, or somebody else."""
    deadline = next_deadline(state, policy)
    waiting = deadline.waiting if deadline else None
    if waiting is None or waiting.who != BUSINESS or state.published_at is None:
        return None
    number = state.decisions[-1].number + 1 if state.decisions else 1
    return WantedDecision(
        what=waiting.what, about=_about(state), number=number, since=state.published_at, until=waiting.until
    )


def _about(state: OrderState) -> str | None:
    """Return what tells one question from the next: the offer, the time of the repricing, or the refused deposits."""
    record = state.view.record
    if record is None:
        return f"{len(state.refused_deposits)} refused"
    if question := open_question(record):
        return question.requested_at.isoformat() if question.requested_at else None
    offer = read_offer(record)
    return offer.quote_id if offer else None
