"""The timeline of an order's statuses, sorted by the API's own `updatedAt`: for people, never for decisions. Pure.

An order carries it for life, so it is bounded: it has the newest transitions, whatever the order in which they arrived.
"""

from datetime import datetime
from typing import Any

from baton.orchestra.lifecycle import known, may_follow
from baton.orders.observation import OrderView, Transition

MAX_TRANSITIONS = 200
"""How many transitions an order keeps; a usual order has five."""

MAX_STATUSES = 100
"""How many statuses are counted among the transitions that were left out; the API publishes fewer than thirty."""


def with_transition(view: OrderView, new: Transition, *, moves: bool) -> dict[str, Any]:
    """Return what a transition changes in the view.

    Args:
        view: The view so far.
        new: The transition.
        moves: The present moves to its status: even without a time, it belongs at the end.
    """
    if new.at is not None and view.left_out_until is not None and new.at <= view.left_out_until:
        return {}
    if new.at is None and moves:
        return _within_bound(view, [*view.transitions, new])
    return _within_bound(view, place_in(view.transitions, new))


def _within_bound(view: OrderView, timeline: list[Transition]) -> dict[str, Any]:
    excess = timeline[:-MAX_TRANSITIONS]
    if not excess:
        return {"transitions": timeline}
    times = [at for at in (view.left_out_until, *(gone.until or gone.at for gone in excess)) if at]
    return {
        "transitions": timeline[-MAX_TRANSITIONS:],
        "transitions_left_out": view.transitions_left_out + len(excess),
        "left_out_until": max(times, default=None),
        "left_out_statuses": _counted(view.left_out_statuses, excess),
    }


def _counted(before: dict[str, int], excess: list[Transition]) -> dict[str, int]:
    """Return how often each status was left out; of those that the API does not publish, only the first ones count."""
    counts = dict(before)
    for gone in excess:
        if gone.status in counts or known(gone.status) is not None or len(counts) < MAX_STATUSES:
            counts[gone.status] = counts.get(gone.status, 0) + 1
    return counts


def place_in(timeline: list[Transition], new: Transition) -> list[Transition]:
    """Return the timeline with a transition inserted by time; neighbours of the same status become one.

    A status that was reported both before and after the new one is split by it: the order was in it twice.
    """
    if new.at is None:
        return timeline if timeline else [new]
    index = _index(timeline, new)
    before, after = timeline[:index], timeline[index:]
    if before and before[-1].status == new.status:
        return [*before[:-1], _extended(before[-1], new.at), *after]
    if before and before[-1].until and before[-1].until > new.at:
        again = before[-1].model_copy(update={"at": before[-1].until, "until": None})
        return [*before[:-1], before[-1].model_copy(update={"until": None}), new, again, *after]
    if after and after[0].status == new.status:
        return [*before, _extended(after[0], new.at), *after[1:]]
    return [*before, new, *after]


def _extended(transition: Transition, at: datetime) -> Transition:
    first, last = min(transition.at or at, at), max(transition.until or transition.at or at, at)
    return transition.model_copy(update={"at": first, "until": last if last > first else None})


def _index(timeline: list[Transition], new: Transition) -> int:
    assert new.at is not None
    newest = timeline[-1].at if timeline else None
    if newest is not None and newest <= new.at:  # what arrives in order is placed at once
        index = len(timeline)
    else:
        index = sum(1 for transition in timeline if transition.at is None or transition.at <= new.at)
    while index and timeline[index - 1].at == new.at and _belongs_before(new, timeline[index - 1]):
        index -= 1
    return index


def _belongs_before(new: Transition, other: Transition) -> bool:
    """Decide a tie in time by the table: the new one comes first if only that order is a legal move."""
    return may_follow(new.status, other.status) and not may_follow(other.status, new.status)


def covers(timeline: list[Transition], status: str, at: datetime) -> bool:
    """Whether the timeline already has this status at this time."""
    newest = timeline[-1] if timeline else None
    if newest is not None and newest.at is not None and at > (newest.until or newest.at):
        return False
    return any(
        transition.status == status and transition.at and transition.at <= at <= (transition.until or transition.at)
        for transition in timeline
    )
