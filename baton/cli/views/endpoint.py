"""Tables of endpoints and of deliveries. Pure."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from rich.console import RenderableType
from rich.text import Text

from baton.cli.views.layout import LOUD, QUIET, table
from baton.cli.views.values import clean

if TYPE_CHECKING:
    from baton.ledger.notification_rows import AttemptRow
    from baton.notifications.admin import EndpointLine


def endpoints_table(lines: Iterable["EndpointLine"]) -> RenderableType:
    """Return a table of endpoints with their health."""
    rows = table("name", "url", "wants", "state", "waiting")
    for line in lines:
        rows.add_row(Text(line.name), Text(clean(line.url)), _wants(line), _state(line), Text(str(line.pending)))
    return rows


def _wants(line: "EndpointLine") -> Text:
    parts = [", ".join(line.events) or "all events", *([f"of {', '.join(line.accounts)}"] if line.accounts else [])]
    return Text(clean(" ".join(parts)))


def _state(line: "EndpointLine") -> Text:
    if not line.enabled:
        return Text(clean(f"disabled: {line.disabled_because}"), style=LOUD)
    if line.failing_since:
        since = f"{line.failing_since:%Y-%m-%d %H:%M} UTC"
        return Text(clean(f"failing since {since}: {line.last_error}"), style=LOUD)
    return Text("works", style=QUIET)


def deliveries_table(attempts: Iterable["AttemptRow"]) -> RenderableType:
    """Return a table of attempts to notify endpoints, in the order given."""
    rows = table("at", "endpoint", "event", "id", "outcome")
    for attempt in attempts:
        at = f"{attempt.attempted_at:%Y-%m-%d %H:%M:%S}"
        rows.add_row(at, attempt.endpoint, clean(attempt.event_type), attempt.event_id, _outcome(attempt))
    return rows


def _outcome(attempt: "AttemptRow") -> Text:
    code = f" {attempt.status_code}" if attempt.status_code else ""
    text = f"{attempt.outcome.replace('_', ' ')}{code} in {attempt.milliseconds} ms"
    if attempt.outcome == "delivered":
        return Text(text, style=QUIET)
    return Text(clean(f"{text}: {attempt.detail}" if attempt.detail else text), style=LOUD)
