"""What the built-in scenarios are written with."""

from typing import Any

from baton.local.sandbox.scenarios.scenario import FollowStep, MoveStep
from baton.orchestra.lifecycle import Status

END = FollowStep(follow="end")
"""The rest of the good way."""

TO_SWAP = FollowStep(follow=Status.SWAPPING)
"""The good way up to the swap."""


def move(status: Status, after: float | None = None, **fields: Any) -> MoveStep:
    """Return a move to a status, after that many seconds, from which on the record says `fields`."""
    return MoveStep(status=status, after=after, fields=fields)
