"""The commands about existing orders: show, list, cancel, refresh."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from baton.cli.errors import DONE, REFUSED, CommandFailed, command
from baton.cli.options import Account, AsJson, OutcomeFilter, Patience, PhaseFilter, Reference, Why
from baton.cli.output import print_json, print_note, print_standing, print_table, print_text
from baton.cli.payer_page import with_payer_page
from baton.cli.qr_options import Qr, QrRequest, QrSvg, read_qr_request, show_qr_code
from baton.cli.session import join_stack, open_client

if TYPE_CHECKING:
    from baton.orders.answers import Snapshot
    from baton.orders.visibility import OrderLine
    from baton.settings import Settings


@command
def show(
    reference: Reference,
    qr: Qr = False,
    qr_svg: QrSvg = None,
    account: Account = "default",
    patience: Patience = 5.0,
    as_json: AsJson = False,
) -> int:
    """Show an order: what it waits for, its money, its timeline.

    If Temporal or the worker does not answer, the last record in the ledger is shown.

    [dim]baton show invoice-42 --qr[/dim]
    """
    from baton.process.lifecycle import run_main

    qr_request = read_qr_request(qr, qr_svg, as_json=as_json)
    settings = join_stack()
    return run_main(_show(reference, account, patience, settings, qr_request, as_json=as_json))


async def _show(
    reference: str, account: str, patience: float, settings: "Settings", qr_request: QrRequest, *, as_json: bool
) -> int:
    from baton.cli.views.order import order_view

    found, caution = await _read_order(reference, account, patience, settings.ledger)
    order = with_payer_page(found, settings)
    if not as_json:
        print_text(order_view(order, datetime.now(UTC), caution=caution))
    if qr_request and caution is not None:
        raise CommandFailed(REFUSED, "no_code", f"no code: a deposit may have arrived since; {caution}")
    show_qr_code(order, qr_request, settings)
    if as_json:
        print_json(order.model_dump(mode="json") | {"from_ledger": caution is not None})
    return DONE


async def _read_order(reference: str, account: str, patience: float, ledger_url: str) -> tuple["Snapshot", str | None]:
    """Return an order, and why the snapshot may be outdated, if it may."""
    from baton.cli.last_record import last_record, with_late_statuses
    from baton.errors import OrderUnknown, Unreachable
    from baton.orders.names import order_workflow_id
    from baton.temporal import TemporalUnavailable

    try:
        client = await open_client(patience)
        order = await client.snapshot(reference, account)
    except (OrderUnknown, Unreachable, TemporalUnavailable) as error:
        recorded = await last_record(ledger_url, order_workflow_id(account, reference))
        if recorded is None:
            raise
        return await with_late_statuses(ledger_url, recorded), f"as last recorded; {error}"
    return (await with_late_statuses(ledger_url, order) if order.outcome else order), None


@command
def list_orders(
    account: Annotated[
        str | None,
        typer.Option("--account", metavar="NAME", envvar="BATON_ACCOUNT", help="Only this account's; default: all."),
    ] = None,
    phase: PhaseFilter = None,
    outcome: OutcomeFilter = None,
    attention: Annotated[
        bool | None,
        typer.Option("--attention/--no-attention", help="Only orders that need attention, or only the others."),
    ] = None,
    source: Annotated[
        str | None,
        typer.Option(
            "--source",
            metavar="REF",
            help="Only orders that came of this reusable address or pay link.",
            show_default=False,
        ),
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="Maximum number of orders.")] = 50,
    patience: Patience = 10.0,
    as_json: AsJson = False,
) -> int:
    """List orders, open ones first, the newest on top; the list lags a moment behind [bold]baton show[/bold].

    With [bold]--json[/bold] each order is one line.

    [dim]baton list --phase awaiting_deposit --attention[/dim]
    """
    from baton.process.lifecycle import run_main

    async def main() -> int:
        client = await open_client(patience)
        orders = await client.list_orders(
            account=account, phase=phase, outcome=outcome, attention=attention, source=source, limit=limit
        )
        for order in orders if as_json else []:
            print_json(order.model_dump(mode="json"))
        if not as_json:
            _print_orders(orders)
        return DONE

    join_stack()
    return run_main(main())


def _print_orders(orders: "list[OrderLine]") -> None:
    from baton.cli.views.order_list import orders_table

    if orders:
        print_table(orders_table(orders, datetime.now(UTC)))
    else:
        print_note("no orders found; see `baton start --help` to place one")


@command
def cancel(
    reference: Reference,
    note: Why = None,
    account: Account = "default",
    patience: Patience = 60.0,
    as_json: AsJson = False,
) -> int:
    """Cancel an order if no deposit is known; exits 1 if there is one.

    [dim]baton cancel invoice-42[/dim]
    """
    from baton.process.lifecycle import run_main

    async def main() -> int:
        client = await open_client(patience)
        standing = await client.cancel(reference, account, note=note)
        print_standing(reference, account, standing, as_json=as_json)
        return DONE if standing.outcome == "cancelled" else REFUSED

    join_stack()
    return run_main(main())


@command
def refresh(
    reference: Reference,
    note: Why = None,
    account: Account = "default",
    patience: Patience = 60.0,
    as_json: AsJson = False,
) -> int:
    """Read an order's status from Orchestra now, and print where the order stands.

    [dim]baton refresh invoice-42[/dim]
    """
    from baton.process.lifecycle import run_main

    async def main() -> int:
        client = await open_client(patience)
        standing = await client.refresh(reference, account, note=note)
        print_standing(reference, account, standing, as_json=as_json)
        return DONE

    join_stack()
    return run_main(main())
