"""A scenario on a route becomes a list of moves. Pure."""

from collections.abc import Sequence
from typing import Literal

from orchestra.lifecycle import Status
from sandbox.scenarios import FollowStep, MoveStep

_WAITING = (Status.PROCESSING, Status.CONFIRMING)


def script(steps: Sequence[MoveStep | FollowStep], path: Sequence[Status]) -> list[MoveStep]:
    """Return the moves of a scenario on a route whose good way is `path`.

    A follow step goes on where the one before it left the way, whatever happened in between.
    """
    rest = list(path[1:])
    moves: list[MoveStep] = []
    for step in steps:
        if isinstance(step, MoveStep):
            moves.append(step)
            continue
        part = _part(rest, step.follow)
        rest = rest[len(part) :]
        moves += [MoveStep(status=status, after=None if i else step.after) for i, status in enumerate(part)]
    return moves


def _part(rest: list[Status], follow: Status | Literal["end"]) -> list[Status]:
    if follow == "end":
        return rest
    if follow in rest:
        return rest[: rest.index(follow) + 1]
    return [status for status in rest if status in _WAITING]
