"""`baton resolve`: what an operator did about an order that a person had to look at."""

from typing import TYPE_CHECKING, Annotated

import typer

from baton.cli.errors import DONE, USAGE, CommandFailed, command
from baton.cli.options import Account, AsJson, OutcomeName, Patience, Reference
from baton.cli.session import join_stack, open_client
from baton.cli.views.standing import tell_standing

if TYPE_CHECKING:
    from baton.orders.models import Resolution

Note = Annotated[
    str, typer.Option("--note", metavar="TEXT", help="What was found and done, for the record.", show_default=False)
]
CloseAs = Annotated[
    OutcomeName | None,
    typer.Option(
        "--close-as",
        metavar="OUTCOME",
        help="End the order as you know it ended: completed, refunded, failed, expired, unfulfilled, cancelled or"
        " superseded. Without it the order goes on.",
        show_default=False,
    ),
]


@command
def resolve(
    reference: Reference,
    note: Note,
    close_as: CloseAs = None,
    account: Account = "default",
    patience: Patience = 60.0,
    as_json: AsJson = False,
) -> int:
    """Say what was done about an order's attention, and end the order by hand if need be; exits 1 if nobody must look.

    [dim]baton resolve invoice-42 --note "paid out by hand, ticket 1311" --close-as completed[/dim]
    """
    from baton.process.lifecycle import run_main

    resolution = read_resolution(note, close_as)

    async def main() -> int:
        client = await open_client(patience)
        standing = await client.resolve(reference, account, note=resolution.note, close_as=resolution.close_as)
        tell_standing(reference, account, standing, as_json=as_json)
        return DONE

    join_stack()
    return run_main(main())


def read_resolution(note: str, close_as: str | None) -> "Resolution":
    """Return what the options say.

    Raises:
        CommandFailed: The note is empty or too long.
    """
    from pydantic import ValidationError

    from baton.orders.models import Outcome, Resolution

    try:
        return Resolution(note=note.strip(), close_as=Outcome(close_as) if close_as else None)
    except ValidationError:
        raise CommandFailed(USAGE, "invalid_resolution", "--note: write 1 to 1000 characters") from None
