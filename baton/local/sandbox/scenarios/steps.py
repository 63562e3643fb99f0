"""Steps that many built-in scenarios share."""

from typing import Any

from baton.local.sandbox.scenarios.scenario import FollowStep, MoveStep
from baton.orchestra.lifecycle import Status

END = FollowStep(follow="end")
"""The rest of the happy path."""

TO_SWAP = FollowStep(follow=Status.SWAPPING)
"""The happy path up to the swap."""


def move(status: Status, after: float | None = None, **fields: Any) -> MoveStep:
    """Return a move to a status after that many seconds, which sets `fields` in the record."""
    return MoveStep(status=status, after=after, fields=fields)
