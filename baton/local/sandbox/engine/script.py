"""The list of moves that a scenario makes on a route. Pure."""

from collections.abc import Sequence
from typing import Literal

from baton.local.sandbox.scenarios.scenario import FollowStep, MoveStep
from baton.orchestra.lifecycle import Status

_WAITING = (Status.PROCESSING, Status.CONFIRMING)


def script(steps: Sequence[MoveStep | FollowStep], path: Sequence[Status]) -> list[MoveStep]:
    """Return the moves of a scenario on a route with the happy path `path`.

    A follow step resumes the path where the previous follow step left it, also if other moves lie in between.
    """
    rest = list(path[1:])
    plan: list[MoveStep] = []
    for step in steps:
        if isinstance(step, MoveStep):
            plan.append(step)
            continue
        part = _part(rest, step.follow)
        rest = rest[len(part) :]
        plan += [MoveStep(status=status, after=None if i else step.after) for i, status in enumerate(part)]
    return plan


def moves(statuses: Sequence[Status]) -> list[MoveStep]:
    """Return plain moves through the statuses."""
    return [MoveStep(status=status) for status in statuses]


def after_confirmation(path: Sequence[Status]) -> list[MoveStep]:
    """Return the moves after the wait for confirmations, on a path that has such a wait."""
    return moves(path[path.index(Status.CONFIRMING) + 1 :])


def after_swap(path: Sequence[Status]) -> list[MoveStep]:
    """Return the moves after the swap; on a path without a swap, the delivery and the moves after it."""
    if Status.SWAPPING in path:
        return moves(path[path.index(Status.SWAPPING) + 1 :])
    return moves(path[path.index(Status.DELIVERING) :])


def _part(rest: list[Status], follow: Status | Literal["end"]) -> list[Status]:
    if follow == "end":
        return rest
    if follow in rest:
        return rest[: rest.index(follow) + 1]
    return [status for status in rest if status in _WAITING]
