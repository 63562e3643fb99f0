"""`baton resolve`: what an operator did about an order that needed attention."""

from typing import TYPE_CHECKING, Annotated

import typer

from baton.cli.errors import DONE, USAGE, CommandFailed, command
from baton.cli.options import Account, AsJson, Despite, OutcomeName, Patience, Reference
from baton.cli.output import print_standing
from baton.cli.session import join_stack, open_client

if TYPE_CHECKING:
    from baton.orders.models import Resolution

Note = Annotated[
    str, typer.Option("--note", metavar="TEXT", help="What you found and did, for the record.", show_default=False)
]
Reason = Annotated[
    str | None,
    typer.Option(
        "--reason",
        metavar="REASON",
        help="The attention that is resolved, as `baton show` names it; needed only if there are several.",
        show_default=False,
    ),
]
CloseAs = Annotated[
    OutcomeName | None,
    typer.Option(
        "--close-as",
        metavar="OUTCOME",
        help="Close the order with this outcome: completed, refunded, failed, expired, unfulfilled, cancelled or"
        " superseded. Without it the order continues.",
        show_default=False,
    ),
]


@command
def resolve(
    reference: Reference,
    note: Note,
    reason: Reason = None,
    close_as: CloseAs = None,
    despite: Despite = None,
    account: Account = "default",
    patience: Patience = 60.0,
    as_json: AsJson = False,
) -> int:
    """Clear an order's attention with a note, also after its end, and close the order by hand if needed.

    Exits 1 if the order has no such attention. With --close-as it also exits 1 if money is under way: it names each,
    and closes the order only if --despite does, too.

    [dim]baton resolve invoice-42 --note "paid out by hand, ticket 1311" --close-as completed[/dim]
    """
    from baton.process.lifecycle import run_main

    resolution = read_resolution(note, reason, close_as)

    async def main() -> int:
        client = await open_client(patience)
        standing = await client.resolve(
            reference,
            account,
            note=resolution.note,
            reason=resolution.reason,
            close_as=resolution.close_as,
            despite=despite or (),
        )
        print_standing(reference, account, standing, as_json=as_json)
        return DONE

    join_stack()
    return run_main(main())


def read_resolution(note: str, reason: str | None, close_as: str | None) -> "Resolution":
    """Return the resolution that the options give.

    Raises:
        CommandFailed: The note is empty or too long.
    """
    from pydantic import ValidationError

    from baton.orders.models import Outcome, Resolution

    try:
        return Resolution(note=note.strip(), reason=reason, close_as=Outcome(close_as) if close_as else None)
    except ValidationError:
        raise CommandFailed(USAGE, "invalid_resolution", "--note: write 1 to 1000 characters") from None
