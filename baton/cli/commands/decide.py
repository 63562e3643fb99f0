"""`baton decide`: the business's answer to a ZeroConf offer."""

from typing import Annotated

import typer

from baton.cli.errors import DONE, command
from baton.cli.options import Account, AsJson, Patience, Reference
from baton.cli.output import print_standing
from baton.cli.session import join_stack, open_client

Accept = Annotated[
    bool,
    typer.Option(
        "--accept/--decline",
        help="Accept the offer and have the deposit credited now, or wait for its confirmation.",
        show_default=False,
    ),
]
Why = Annotated[str | None, typer.Option("--reason", help="Reason for the record; a decline sends it to Orchestra.")]


@command
def decide(
    reference: Reference,
    accept: Accept,
    reason: Why = None,
    account: Account = "default",
    patience: Patience = 60.0,
    as_json: AsJson = False,
) -> int:
    """Answer the ZeroConf offer of an order; exits 1 if the order has no open offer.

    [dim]baton decide invoice-42 --accept[/dim]
    """
    from baton.process.lifecycle import run_main

    async def main() -> int:
        client = await open_client(patience)
        standing = await client.decide_zeroconf(reference, account, accept=accept, reason=reason)
        print_standing(reference, account, standing, as_json=as_json)
        return DONE

    join_stack()
    return run_main(main())
