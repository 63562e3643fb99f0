"""`baton watch`: an order's progress, live, until it closes."""

import asyncio
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import RenderableType
from rich.live import Live

from baton.cli.errors import DONE, INTERRUPTED, REFUSED, command
from baton.cli.options import Account, AsJson, Reference
from baton.cli.output import console, print_json, print_note, print_text
from baton.cli.session import join_stack, open_client

if TYPE_CHECKING:
    from baton.client import BatonClient
    from baton.orders.answers import Snapshot

READ_TIMEOUT = 10.0
"""Seconds that one read of the order may take."""
RETRY_DELAY = 1.0
"""Seconds between a read without an answer and the next one."""
_FRAMES = 8
"""Redraws a second; the order is read far less often."""

Every = Annotated[float, typer.Option("--every", metavar="SECONDS", min=0.1, max=60, help="Pause between two reads.")]
GiveUpAfter = Annotated[
    float,
    typer.Option("--give-up-after", metavar="SECONDS", min=0, help="How long to retry while nothing answers."),
]


@command
def watch(
    reference: Reference,
    every: Every = 0.5,
    give_up_after: GiveUpAfter = 300.0,
    account: Account = "default",
    as_json: AsJson = False,
) -> int:
    """Follow an order live until it closes; exits 0 only if it completed.

    With [bold]--json[/bold] each change is one line with the whole snapshot. Ctrl-C stops the watch, not the order.

    [dim]baton watch invoice-42[/dim]
    """
    from baton.process.lifecycle import run_main

    join_stack()
    code = run_main(_watch(reference, account, every, give_up_after, as_json=as_json))
    if code == INTERRUPTED:
        print_note("stopped watching; the order continues")
    return code


async def _watch(reference: str, account: str, every: float, give_up_after: float, *, as_json: bool) -> int:
    client = await open_client(READ_TIMEOUT)
    return await follow(client, reference, account, every=every, give_up_after=give_up_after, as_json=as_json)


async def follow(
    client: "BatonClient",
    reference: str,
    account: str,
    *,
    every: float = 0.5,
    give_up_after: float = 300.0,
    as_json: bool,
) -> int:
    """Print an order until it closes; return the exit code.

    Raises:
        OrderUnknown: There is no such order.
        Unreachable: The first read had no answer, or no read had one for `give_up_after` seconds.
    """
    snapshots = changes(client, reference, account, every=every, give_up_after=give_up_after)
    if as_json:
        last = await _as_lines(snapshots)
    elif console().is_terminal:
        last = await _live(snapshots)
    else:
        last = await _as_text(snapshots)
    return DONE if last is not None and last.outcome == "completed" else REFUSED


async def changes(
    client: "BatonClient", reference: str, account: str, *, every: float, give_up_after: float
) -> AsyncIterator["Snapshot"]:
    """Yield the snapshot now and after each change; retry while a worker or server does not answer.

    Raises:
        OrderUnknown: There is no such order.
        Unreachable: The first read had no answer, or no read had one for `give_up_after` seconds.
    """
    from baton.errors import Unreachable

    previous: Snapshot | None = None
    silent_since: float | None = None
    while previous is None or previous.outcome is None:
        try:
            # After a retry the client yields the present snapshot first, changed or not.
            async for snapshot in client.watch(reference, account, every=every):
                silent_since = None
                if snapshot != previous:
                    yield snapshot
                previous = snapshot
        except Unreachable as error:
            if silent_since is None:
                silent_since = time.monotonic()
                print_note(f"{error} Retrying.")
            if previous is None or time.monotonic() - silent_since >= give_up_after:
                raise
            await asyncio.sleep(RETRY_DELAY)


async def _as_lines(snapshots: AsyncIterator["Snapshot"]) -> "Snapshot | None":
    last: Snapshot | None = None
    async for last in snapshots:
        print_json(last.model_dump(mode="json"))
    return last


async def _as_text(snapshots: AsyncIterator["Snapshot"]) -> "Snapshot | None":
    from baton.cli.views.live import change_line

    last: Snapshot | None = None
    previous: str | None = None
    async for last in snapshots:
        if (line := change_line(last)) != previous:
            print_text(line)
        previous = line
    return last


async def _live(snapshots: AsyncIterator["Snapshot"]) -> "Snapshot | None":
    from baton.cli.views.live import live_view

    last: Snapshot | None = None

    def panel() -> RenderableType:
        return live_view(last, datetime.now(UTC)) if last else ""

    with Live(get_renderable=panel, console=console(), refresh_per_second=_FRAMES) as live:
        async for snapshot in snapshots:
            last = snapshot
            live.refresh()
    return last
