"""A scenario on a route becomes a list of moves. Pure."""

from collections.abc import Sequence
from typing import Literal

from baton.local.sandbox.scenarios.scenario import FollowStep, MoveStep
from baton.orchestra.lifecycle import Status

_WAITING = (Status.PROCESSING, Status.CONFIRMING)


def script(steps: Sequence[MoveStep | FollowStep], path: Sequence[Status]) -> list[MoveStep]:
    """Return the moves of a scenario on a route whose good way is `path`.

    A follow step goes on where the one before it left the way, whatever happened in between.
    """
    rest = list(path[1:])
    taken: list[MoveStep] = []
    for step in steps:
        if isinstance(step, MoveStep):
            taken.append(step)
            continue
        part = _part(rest, step.follow)
        rest = rest[len(part) :]
        taken += [MoveStep(status=status, after=None if i else step.after) for i, status in enumerate(part)]
    return taken


def moves(statuses: Sequence[Status]) -> list[MoveStep]:
    """Return plain moves through the statuses."""
    return [MoveStep(status=status) for status in statuses]


def after_confirmation(path: Sequence[Status]) -> list[MoveStep]:
    """Return the moves of a way that begins with a wait for confirmations, once the deposit is credited."""
    return moves(path[path.index(Status.CONFIRMING) + 1 :])


def after_swap(path: Sequence[Status]) -> list[MoveStep]:
    """Return the moves of a way once it has swapped; on a way without a swap, those that deliver."""
    if Status.SWAPPING in path:
        return moves(path[path.index(Status.SWAPPING) + 1 :])
    return moves(path[path.index(Status.DELIVERING) :])


def _part(rest: list[Status], follow: Status | Literal["end"]) -> list[Status]:
    if follow == "end":
        return rest
    if follow in rest:
        return rest[: rest.index(follow) + 1]
    return [status for status in rest if status in _WAITING]
