"""`baton deliveries`: every attempt to notify an endpoint, and deliveries that are repeated."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from baton.cli.commands.endpoint import run
from baton.cli.errors import DONE, USAGE, CommandFailed, command
from baton.cli.notifying import NotifyingParts
from baton.cli.options import AsJson
from baton.cli.output import print_json, print_note, print_table, print_text

if TYPE_CHECKING:
    from baton.ledger.notification_rows import AttemptRow

app = typer.Typer(help="What was sent to endpoints, and sending it again.")

EndpointFilter = Annotated[
    str | None, typer.Option("--endpoint", metavar="NAME", help="Only to this endpoint.", show_default=False)
]


@app.command("list")
@command
def list_deliveries(
    endpoint: EndpointFilter = None,
    order: Annotated[
        str | None, typer.Option("--order", metavar="REF", help="Only events of this order.", show_default=False)
    ] = None,
    account: Annotated[str, typer.Option("--account", metavar="NAME", help="Partner account of --order.")] = "default",
    outcome: Annotated[
        Literal["delivered", "failed", "given_up"] | None,
        typer.Option("--outcome", metavar="OUTCOME", help="Only delivered, failed or given_up.", show_default=False),
    ] = None,
    limit: Annotated[int, typer.Option("--limit", metavar="N", min=1, max=500, help="How many.")] = 50,
    as_json: AsJson = False,
) -> int:
    """List the attempts to notify endpoints, the last one first.

    [dim]baton deliveries list --endpoint shop --outcome failed[/dim]
    """
    from baton.orders.names import order_workflow_id

    workflow_id = order_workflow_id(account, order) if order is not None else None
    attempts = run(
        lambda parts: parts.ledger.notifications.attempts(
            endpoint=endpoint, workflow_id=workflow_id, outcome=outcome, limit=limit
        )
    )
    _print(attempts, as_json=as_json)
    return DONE


@app.command("show")
@command
def show(
    event_id: Annotated[str, typer.Argument(metavar="EVENT", help="The event's id.", show_default=False)],
    as_json: AsJson = False,
) -> int:
    """Show an event as it was sent, and every attempt to send it.

    [dim]baton deliveries show evt_1f0c...[/dim]
    """
    import json

    from baton.notifications.errors import EndpointUnknown
    from baton.orders.events import public_document

    async def read(parts: NotifyingParts) -> "tuple[dict[str, object] | None, list[AttemptRow]]":
        event = await parts.ledger.events.event(event_id)
        found = await parts.ledger.notifications.attempts(event_id=event_id, limit=500)
        return public_document(event) if event else None, found

    event, attempts = run(read)
    if event is None:
        raise EndpointUnknown("event", event_id)
    if as_json:
        print_json({"event": event, "attempts": [attempt.model_dump(mode="json") for attempt in attempts]})
        return DONE
    print_text(json.dumps(event, indent=2, ensure_ascii=False))
    _print(attempts, as_json=False)
    return DONE


@app.command("redeliver")
@command
def redeliver(
    endpoint: Annotated[str, typer.Option("--endpoint", metavar="NAME", help="The endpoint.", show_default=False)],
    event_id: Annotated[str | None, typer.Argument(metavar="EVENT", help="The event's id.", show_default=False)] = None,
    since: Annotated[
        datetime | None,
        typer.Option("--since", metavar="TIME", help="All events since this time in UTC.", show_default=False),
    ] = None,
    as_json: AsJson = False,
) -> int:
    """Send an endpoint an event again under its id, or all events since a time in their order.

    [dim]baton deliveries redeliver --endpoint shop --since 2026-03-01T12:00:00[/dim]
    """
    if (event_id is None) == (since is None):
        raise CommandFailed(USAGE, "usage", "give an event or --since TIME, and not both")

    async def send(parts: NotifyingParts) -> int:
        if event_id is not None:
            await parts.admin.redeliver(endpoint, event_id)
            return 1
        assert since is not None
        return await parts.admin.redeliver_since(endpoint, since if since.tzinfo else since.replace(tzinfo=UTC))

    orders = run(send)
    if as_json:
        print_json({"endpoint": endpoint, "orders": orders})
    else:
        print_text(f"events of {orders} order{'s' * (orders != 1)} are sent to {endpoint} again")
    return DONE


def _print(attempts: "list[AttemptRow]", *, as_json: bool) -> None:
    from baton.cli.views.endpoint import deliveries_table

    if as_json:
        print_json({"deliveries": [attempt.model_dump(mode="json") for attempt in attempts]})
    elif attempts:
        print_table(deliveries_table(attempts))
    else:
        print_note("Nothing was sent.")
