"""Commands about orders that exist: show, list, cancel, refresh."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from baton.cli.errors import DONE, REFUSED, CommandFailed, command
from baton.cli.options import Account, AsJson, OutcomeFilter, Patience, PhaseFilter, Reference
from baton.cli.output import print_json, print_note, print_table, print_text
from baton.cli.session import join_stack, open_client
from baton.cli.views.qr import Qr, QrSvg, Wish, read_wish, show_code
from baton.cli.views.standing import tell_standing

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
    """Show the whole truth about an order: what it waits for, its money, its timeline.

    Where nobody can be asked, the ledger tells how the order was last recorded.

    [dim]baton show invoice-42 --qr[/dim]
    """
    from baton.process.lifecycle import run_main

    wish = read_wish(qr, qr_svg, as_json=as_json)
    settings = join_stack()
    return run_main(_show(reference, account, patience, settings, wish, as_json=as_json))


async def _show(
    reference: str, account: str, patience: float, settings: "Settings", wish: Wish, *, as_json: bool
) -> int:
    from baton.cli.views.order_view import order_view

    order, caution = await _look(reference, account, patience, settings.ledger)
    if not as_json:
        print_text(order_view(order, datetime.now(UTC), caution=caution))
    if wish and caution is not None:
        raise CommandFailed(REFUSED, "no_code", f"no code: whether a deposit came is not known, {caution}")
    show_code(order, wish, settings)
    if as_json:
        print_json(order.model_dump(mode="json") | {"from_ledger": caution is not None})
    return DONE


async def _look(reference: str, account: str, patience: float, ledger_url: str) -> tuple["Snapshot", str | None]:
    """Return an order, and why it is not the present truth where it is not."""
    from baton.cli.last_record import last_record, with_late_news
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
        return await with_late_news(ledger_url, recorded), f"as last recorded; {error}"
    return (await with_late_news(ledger_url, order) if order.outcome else order), None


@command
def list_orders(
    account: Annotated[
        str | None,
        typer.Option("--account", metavar="NAME", envvar="BATON_ACCOUNT", help="Only this account's; all otherwise."),
    ] = None,
    phase: PhaseFilter = None,
    outcome: OutcomeFilter = None,
    attention: Annotated[
        bool | None,
        typer.Option("--attention/--no-attention", help="Only those a person must look at, or only the others."),
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many at most.")] = 50,
    patience: Patience = 10.0,
    as_json: AsJson = False,
) -> int:
    """List orders, open ones first, the newest on top; a moment behind the truth that [bold]baton show[/bold] tells.

    With [bold]--json[/bold] each order is one line.

    [dim]baton list --phase awaiting_deposit --attention[/dim]
    """
    from baton.process.lifecycle import run_main

    async def main() -> int:
        client = await open_client(patience)
        found = await client.list_orders(
            account=account, phase=phase, outcome=outcome, attention=attention, limit=limit
        )
        for order in found if as_json else []:
            print_json(order.model_dump(mode="json"))
        if not as_json:
            _print_orders(found)
        return DONE

    join_stack()
    return run_main(main())


def _print_orders(found: "list[OrderLine]") -> None:
    from baton.cli.views.rendering import orders_table

    if found:
        print_table(orders_table(found, datetime.now(UTC)))
    else:
        print_note("no order found; `baton start --help` tells how to place one")


@command
def cancel(
    reference: Reference, account: Account = "default", patience: Patience = 60.0, as_json: AsJson = False
) -> int:
    """Cancel an order while no deposit is known; exits 1 if a deposit came first.

    [dim]baton cancel invoice-42[/dim]
    """
    from baton.process.lifecycle import run_main

    async def main() -> int:
        client = await open_client(patience)
        standing = await client.cancel(reference, account)
        tell_standing(reference, account, standing, as_json=as_json)
        return DONE if standing.outcome == "cancelled" else REFUSED

    join_stack()
    return run_main(main())


@command
def refresh(
    reference: Reference, account: Account = "default", patience: Patience = 60.0, as_json: AsJson = False
) -> int:
    """Have an order read at Orchestra now, and say where it stands then.

    [dim]baton refresh invoice-42[/dim]
    """
    from baton.process.lifecycle import run_main

    async def main() -> int:
        client = await open_client(patience)
        tell_standing(reference, account, await client.refresh(reference, account), as_json=as_json)
        return DONE

    join_stack()
    return run_main(main())
