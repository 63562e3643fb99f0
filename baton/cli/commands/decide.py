"""`baton decide`: the business's answer to a ZeroConf offer."""

from typing import Annotated

import typer

from baton.cli.errors import DONE, command
from baton.cli.options import Account, AsJson, Patience, Reference
from baton.cli.session import join_stack, open_client
from baton.cli.views.standing import tell_standing

Accept = Annotated[
    bool,
    typer.Option(
        "--accept/--decline",
        help="Take the offer and have the deposit credited now, or wait for its confirmation.",
        show_default=False,
    ),
]
Why = Annotated[str | None, typer.Option("--reason", help="Words for the record; a decline tells them to Orchestra.")]


@command
def decide(
    reference: Reference,
    accept: Accept,
    reason: Why = None,
    account: Account = "default",
    patience: Patience = 60.0,
    as_json: AsJson = False,
) -> int:
    """Answer the ZeroConf offer that an order waits for; exits 1 if none waits.

    [dim]baton decide invoice-42 --accept[/dim]
    """
    from baton.process.lifecycle import run_main

    async def main() -> int:
        client = await open_client(patience)
        standing = await client.decide_zeroconf(reference, account, accept=accept, reason=reason)
        tell_standing(reference, account, standing, as_json=as_json)
        return DONE

    join_stack()
    return run_main(main())
