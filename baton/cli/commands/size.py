"""`baton size`: what a number of orders a day takes."""

from typing import Annotated

import typer

from baton.cli.errors import DONE, command
from baton.cli.options import AsJson
from baton.cli.output import print_json, print_note, print_table


@command
def size(
    orders_per_day: Annotated[
        int, typer.Option(metavar="N", min=1, max=1_000_000_000, help="Orders that are placed in a day.")
    ],
    open_hours: Annotated[
        float, typer.Option(metavar="H", min=0.001, max=8_760, help="Hours from placing an order to its end.")
    ] = 1.0,
    notifications: Annotated[
        int, typer.Option(metavar="K", min=0, max=1_000, help="Endpoints that get the events of each order.")
    ] = 1,
    retention_days: Annotated[
        int, typer.Option(metavar="D", min=1, max=36_500, help="Days for which the ledger keeps ended orders.")
    ] = 400,
    temporal_days: Annotated[
        int, typer.Option(metavar="D", min=1, max=3_650, help="Days for which Temporal keeps ended histories.")
    ] = 30,
    accounts: Annotated[
        int, typer.Option(metavar="A", min=1, max=10_000, help="Partner accounts that share the orders.")
    ] = 1,
    chains: Annotated[int, typer.Option(metavar="C", min=0, max=100, help="Chains that Baton watches itself.")] = 3,
    peak: Annotated[
        float, typer.Option(metavar="X", min=1, max=100, help="Orders of the busiest minutes, in times of the mean.")
    ] = 4.0,
    action_price: Annotated[
        float | None,
        typer.Option(
            metavar="USD",
            min=0,
            max=1_000_000,
            help="Price of a million actions of Temporal Cloud.",
            show_default="its list of 2026",
        ),
    ] = None,
    as_json: AsJson = False,
) -> int:
    """Show what a number of orders a day takes: processes, cores, memory, storage, reads, actions of Temporal Cloud.

    It computes from measured figures; docs/sizing.md says where they come from and what depends on the machine. It asks
    no server.

    [dim]baton size --orders-per-day 100000 --open-hours 2[/dim]
    """
    from baton.cli.views.sizing import sizing_view
    from baton.sizing import SizeDocument, Workload

    load = Workload(
        orders_per_day=orders_per_day,
        open_hours=open_hours,
        notifications=notifications,
        ledger_days=retention_days,
        temporal_days=temporal_days,
        accounts=accounts,
        chains=chains,
        peak=peak,
    )
    document = SizeDocument.of(load, action_price)
    if as_json:
        print_json(document.model_dump(mode="json"))
    else:
        print_table(sizing_view(document.sizing, document.cloud_dollars_per_month))
        print_note("CPU figures come from a small machine; measure yours with `make bench BENCH=sizing`.")
    return DONE
