"""`baton close` and `baton adopt`: an operator ends an order by hand, or has one of Orchestra followed."""

from typing import Annotated

import typer

from baton.cli.errors import DONE, REFUSED, command
from baton.cli.options import Account, AsJson, Despite, OutcomeName, Patience, Reference, Why
from baton.cli.output import print_json, print_standing, print_text
from baton.cli.session import join_stack, open_client

Ending = Annotated[
    OutcomeName,
    typer.Option(
        "--as",
        metavar="OUTCOME",
        help="How it ended, by what you found: completed, refunded, failed, expired, unfulfilled, cancelled or"
        " superseded.",
        show_default=False,
    ),
]
Note = Annotated[
    str, typer.Option("--note", metavar="TEXT", help="What you found and did, for the record.", show_default=False)
]
OrderId = Annotated[str, typer.Argument(metavar="ORDER_ID", help="Orchestra's id of the order.", show_default=False)]

_SENTENCES = {
    "started": "{id} is followed from now on",
    "followed": "{id} is followed already",
    "ended": "{id} was followed to its end",
}


@command
def close(
    reference: Reference,
    outcome: Ending,
    note: Note,
    despite: Despite = None,
    account: Account = "default",
    patience: Patience = 60.0,
    as_json: AsJson = False,
) -> int:
    """Close an order whose end Orchestra will never report. Money that still comes is handled as late money.

    Exits 1 if money is under way: it names each, and closes the order only if --despite does, too.

    [dim]baton close invoice-42 --as cancelled --note "the payer gave up, ticket 1311"[/dim]
    """
    from baton.orders.models import Outcome
    from baton.process.lifecycle import run_main

    async def main() -> int:
        client = await open_client(patience)
        standing = await client.close_by_hand(
            reference, account, outcome=Outcome(outcome), note=note.strip(), despite=despite or ()
        )
        print_standing(reference, account, standing, as_json=as_json)
        return DONE if standing.outcome == outcome else REFUSED

    join_stack()
    return run_main(main())


@command
def adopt(
    order_id: OrderId,
    note: Why = None,
    account: Account = "default",
    patience: Patience = 30.0,
    as_json: AsJson = False,
) -> int:
    """Follow an order of Orchestra that Baton does not follow, or say which workflow follows it.

    [dim]baton adopt ord_1f2e3d --note "found by baton reconcile"[/dim]
    """
    from baton.process.lifecycle import run_main

    async def main() -> int:
        client = await open_client(patience)
        adoption = await client.adopt(order_id, account, note=note)
        if as_json:
            print_json(adoption.model_dump(mode="json"))
        else:
            sentence = _SENTENCES[adoption.end].format(id=adoption.order_id)
            print_text(f"{sentence}, by {adoption.workflow_id}; it is {adoption.status} at Orchestra")
        return DONE

    join_stack()
    return run_main(main())
