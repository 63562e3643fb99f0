"""Periods on the command line: `--from` and `--to` as dates or times in UTC, by default the last whole day."""

from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer

from baton.cli.errors import USAGE, CommandFailed

Since = Annotated[
    str | None,
    typer.Option(
        "--from",
        metavar="DATE",
        help="Beginning of the period, such as 2026-11-28 or 2026-11-28T06:00Z, in UTC; default: yesterday.",
        show_default=False,
    ),
]
Until = Annotated[
    str | None,
    typer.Option(
        "--to",
        metavar="DATE",
        help="End of the period, which does not belong to it; default: a day after its beginning.",
        show_default=False,
    ),
]


def period_of(since: str | None, until: str | None, now: datetime | None = None) -> tuple[datetime, datetime]:
    """Return the beginning and the end of a period.

    Raises:
        CommandFailed: A date cannot be read, or the end is not after the beginning.
    """
    today = (now or datetime.now(UTC)).replace(hour=0, minute=0, second=0, microsecond=0)
    begins = _time("--from", since) if since else today - timedelta(days=1)
    ends = _time("--to", until) if until else begins + timedelta(days=1)
    if ends <= begins:
        message = f"--to {ends:%Y-%m-%dT%H:%MZ} is not after --from {begins:%Y-%m-%dT%H:%MZ}; give a later end"
        raise CommandFailed(USAGE, "invalid_period", message)
    return begins, ends


def _time(option: str, text: str) -> datetime:
    try:
        time = datetime.fromisoformat(text.strip())
    except ValueError:
        message = f"{option} {text}: write a date such as 2026-11-28, or a time such as 2026-11-28T06:00Z"
        raise CommandFailed(USAGE, "invalid_period", message) from None
    return time.astimezone(UTC) if time.tzinfo else time.replace(tzinfo=UTC)
