"""Webhook endpoints and test deliveries for people. Pure."""

from collections.abc import Mapping, Sequence

from rich.console import Group, RenderableType
from rich.text import Text

from baton.cli.views.layout import LOUD, QUIET, heading, labelled, table
from baton.cli.views.values import clean, moment
from baton.doctor.signed_delivery import DeliveryResult
from baton.orchestra.calls.webhooks import WebhookEndpoint


def registered_view(registered: Mapping[str, object]) -> RenderableType:
    """Return a new endpoint with its secret, which is shown only now."""
    file, number = registered["saved_in"], registered["secrets"]
    rows = [("url", registered["url"]), ("secret", registered["secret"]), ("written to", file)]
    valid = f"{number} secrets are valid now; `--replace` drops the older ones." if number != 1 else ""
    first = "Restart the gateway, then run" if registered["restart_gateway"] else "Wait some seconds, then run"
    after = f"{valid} {first} `baton webhook test`.".strip()
    return Group(
        heading(f"Webhook {registered['webhook_id']}", "registered", "green"),
        *[labelled(label, str(value)) for label, value in rows if value],
        Text("Orchestra shows the secret only once.", style=LOUD),
        *([Text(after, style=QUIET)] if file else []),
    )


def endpoints_table(endpoints: Sequence[WebhookEndpoint]) -> RenderableType:
    """Return a table of endpoints."""
    lines = table("id", "url", "state", "since")
    for endpoint in endpoints:
        state = Text("enabled", style="green") if endpoint.enabled else Text("disabled", style=QUIET)
        lines.add_row(Text(clean(endpoint.id)), Text(clean(endpoint.url)), state, moment(endpoint.created_at))
    return lines


def deliveries_view(url: str, results: Sequence[DeliveryResult]) -> RenderableType:
    """Return the result of each test delivery."""
    accepted = all(result.accepted for result in results)
    state, style = ("accepted", "green") if accepted else ("not accepted", "red")
    lines = [labelled(f"secret {result.secret}", result.message) for result in results]
    return Group(heading(f"Webhooks to {url}", state, style), *lines)
