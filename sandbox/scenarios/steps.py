"""What the built-in scenarios are written with."""

from typing import Any

from baton.orchestra.lifecycle import Status
from sandbox.scenario import FollowStep, MoveStep

END = FollowStep(follow="end")
"""The rest of the good way."""

TO_SWAP = FollowStep(follow=Status.SWAPPING)
"""The good way up to the swap."""


def move(status: Status, after: float | None = None, **fields: Any) -> MoveStep:
    """Return a move to a status, after that many seconds, from which on the record says `fields`."""
    return MoveStep(status=status, after=after, fields=fields)
