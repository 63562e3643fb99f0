"""Times as text for people. Pure."""

from datetime import UTC, datetime


def date_and_time(at: datetime) -> str:
    """Return a time in UTC, to the second."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def clock_time(at: datetime, now: datetime) -> str:
    """Return a time in UTC, to the second; with its date unless that is today's."""
    is_today = at.astimezone(UTC).date() == now.astimezone(UTC).date()
    return f"{at.astimezone(UTC):%H:%M:%S} UTC" if is_today else date_and_time(at)
