"""Webhook endpoints and test deliveries as people read them. Pure."""

from collections.abc import Mapping, Sequence

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from baton.cli.views.rendering import LOUD, QUIET, heading, labelled
from baton.cli.views.wording import clean, moment
from baton.cli.webhook_trial import TriedDelivery
from baton.orchestra.calls.webhooks import WebhookEndpoint


def registered_view(told: Mapping[str, object]) -> RenderableType:
    """Return a new endpoint with its secret, which is shown this once."""
    saved, number = told["saved_in"], told["secrets"]
    rows = [("url", told["url"]), ("secret", told["secret"]), ("written to", saved)]
    valid = f"{number} secrets are valid now; `--replace` drops the older ones." if number != 1 else ""
    first = "Start the gateway again, then" if told["restart_gateway"] else "In some seconds the gateway knows it:"
    after = f"{valid} {first} `baton webhook test`.".strip()
    return Group(
        heading(f"Webhook {told['webhook_id']}", "registered", "green"),
        *[labelled(label, str(value)) for label, value in rows if value],
        Text("Orchestra tells the secret this once.", style=LOUD),
        *([Text(after, style=QUIET)] if saved else []),
    )


def endpoints_table(found: Sequence[WebhookEndpoint]) -> RenderableType:
    """Return a table of endpoints."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, header_style="bold")
    for name in ("id", "url", "state", "since"):
        table.add_column(name, overflow="fold")
    for one in found:
        state = Text("enabled", style="green") if one.enabled else Text("disabled", style=QUIET)
        table.add_row(Text(clean(one.id)), Text(clean(one.url)), state, moment(one.created_at))
    return table


def tests_view(url: str, told: Sequence[TriedDelivery]) -> RenderableType:
    """Return what became of each test delivery."""
    good = all(one.accepted for one in told)
    lines = [labelled(f"secret {one.secret}", one.message) for one in told]
    return Group(
        heading(f"Webhooks to {url}", "accepted" if good else "not accepted", "green" if good else "red"), *lines
    )
