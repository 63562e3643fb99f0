"""When a notification that was not accepted is tried again, and when Baton stops. Pure."""

from datetime import datetime, timedelta

_SECOND, _MINUTE, _HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)

PAUSES = (5 * _SECOND, 5 * _MINUTE, 30 * _MINUTE, 2 * _HOUR, 5 * _HOUR, 10 * _HOUR)
"""The pauses after the first failures in a row; the last one repeats."""

GIVE_UP_AFTER = timedelta(days=3)
"""How long the events of an order are tried before they are left to a person."""

DISABLE_AFTER = timedelta(days=5)
"""How long an endpoint may fail without any success before it is disabled."""

OUTAGE = timedelta(seconds=10)
"""How long an endpoint must have failed without any success, so that its first success brings all others forward."""

MAX_RETRY_AFTER = timedelta(hours=1)
"""The longest pause that an endpoint can ask for."""


def pause_after(failures: int, failing_for: timedelta, asked: float | None = None) -> timedelta | None:
    """Return the pause before the next attempt; None if there is none.

    Args:
        failures: How many attempts in a row have failed.
        failing_for: The time since the first of them.
        asked: Seconds that the endpoint asks to wait.
    """
    left = GIVE_UP_AFTER - failing_for
    if left <= timedelta(0):
        return None
    planned = PAUSES[min(failures, len(PAUSES)) - 1]
    wanted = min(timedelta(seconds=asked), MAX_RETRY_AFTER) if asked is not None else timedelta(0)
    return min(max(planned, wanted), left)


def must_disable(failing_since: datetime | None, now: datetime) -> bool:
    """Whether an endpoint has failed for so long that it is disabled."""
    return failing_since is not None and now - failing_since >= DISABLE_AFTER
