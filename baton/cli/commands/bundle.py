"""`baton bundle`: everything that Orchestra's support needs to look into an order, in one file."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from baton.cli.errors import DONE, USAGE, CommandFailed, command
from baton.cli.options import Account, AsJson, Patience, Reference
from baton.cli.output import print_json, print_note, print_text
from baton.cli.session import join_stack

if TYPE_CHECKING:
    from baton.settings import Settings
    from baton.support.bundle import Sources

Output = Annotated[
    Path | None,
    typer.Option("--output", "-o", metavar="FILE", help="The file; default: baton-REF.zip.", show_default=False),
]


@command
def bundle(
    reference: Reference,
    output: Output = None,
    account: Account = "default",
    patience: Patience = 60,
    as_json: AsJson = False,
) -> int:
    """Write one file with an order's ids, timeline, records and history, and print a mail to Orchestra's support.

    Keys and secrets are blanked out; payers, metadata and your notes are left out. Addresses and transactions stay,
    because support cannot find the money without them.

    [dim]baton bundle invoice-42[/dim]
    """
    from baton.process.lifecycle import run_main

    settings = join_stack()
    file = output or Path(f"baton-{_file_name(reference)}.zip")
    return run_main(_bundle(settings, reference, account, patience, file, as_json=as_json))


async def _bundle(
    settings: "Settings", reference: str, account: str, patience: float, file: Path, *, as_json: bool
) -> int:
    from baton.support.bundle import gather, write_bundle

    async with _sources(settings, patience) as sources:
        made = await gather(sources, reference, account)
    try:
        write_bundle(made, file)
    except OSError as error:
        raise CommandFailed(USAGE, "unwritable", f"--output {file}: cannot be written: {error.strerror}") from None
    if as_json:
        print_json({"file": str(file), "contents": list(made.files), "mail": made.mail})
    else:
        print_text(made.mail)
        print_note(f"attach {file}")
    return DONE


def _file_name(reference: str) -> str:
    return "".join(char if char.isalnum() or char in "._-" else "-" for char in reference)


@asynccontextmanager
async def _sources(settings: "Settings", patience: float) -> "AsyncIterator[Sources]":
    from baton.client import BatonClient
    from baton.ledger.errors import LedgerError
    from baton.ledger.ledger import Ledger
    from baton.settings import SettingsError, load_accounts
    from baton.support.bundle import Sources
    from baton.temporal import connect

    # What the accounts' keys and secrets are must be known, so that they are recognised and blanked out.
    try:
        await asyncio.to_thread(load_accounts, settings)
    except SettingsError as error:
        print_note(f"the accounts cannot be read, so their keys are not looked for: {error}")
    temporal = await connect()
    async with AsyncExitStack() as stack:
        ledger: Ledger | None = None
        try:
            ledger = await stack.enter_async_context(
                await Ledger.open(settings.ledger, upgrades=settings.ledger_upgrade)
            )
        except LedgerError as error:
            print_note(f"without the webhooks: {error}")
        yield Sources(BatonClient(temporal, timedelta(seconds=patience)), temporal, ledger)
