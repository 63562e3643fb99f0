"""`baton watch`: an order's progress, live, until it ends."""

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
from baton.cli.output import people, print_json, print_note, print_text
from baton.cli.session import join_stack, open_client

if TYPE_CHECKING:
    from baton.client import BatonClient
    from baton.orders.answers import Snapshot

ANSWER_PATIENCE = 10.0
"""Seconds that one look at the order may take."""
RETRY_DELAY = 1.0
"""Seconds until the next look after one without an answer."""
_FRAMES = 8
"""Live pictures a second; what they show is looked up far less often."""

Every = Annotated[float, typer.Option("--every", metavar="SECONDS", min=0.1, max=60, help="Pause between two looks.")]
GiveUpAfter = Annotated[
    float,
    typer.Option("--give-up-after", metavar="SECONDS", min=0, help="How long to go on while nobody answers."),
]


@command
def watch(
    reference: Reference,
    every: Every = 0.5,
    give_up_after: GiveUpAfter = 300.0,
    account: Account = "default",
    as_json: AsJson = False,
) -> int:
    """Follow an order live until it ends; exits 0 only if it completed.

    With [bold]--json[/bold] each change is one line with the whole snapshot. Ctrl-C ends the watching, not the order.

    [dim]baton watch invoice-42[/dim]
    """
    from baton.process.lifecycle import run_main

    join_stack()
    code = run_main(_watch(reference, account, every, give_up_after, as_json=as_json))
    if code == INTERRUPTED:
        print_note("stopped watching; the order goes on")
    return code


async def _watch(reference: str, account: str, every: float, give_up_after: float, *, as_json: bool) -> int:
    client = await open_client(ANSWER_PATIENCE)
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
    """Show an order until it ends; return the exit code.

    Raises:
        OrderUnknown: There is no such order.
        Unreachable: Nobody answered the first time, or for `give_up_after` seconds.
    """
    seen = changes(client, reference, account, every=every, give_up_after=give_up_after)
    if as_json:
        last = await _as_lines(seen)
    elif people().is_terminal:
        last = await _live(seen)
    else:
        last = await _as_text(seen)
    return DONE if last is not None and last.outcome == "completed" else REFUSED


async def changes(
    client: "BatonClient", reference: str, account: str, *, every: float, give_up_after: float
) -> AsyncIterator["Snapshot"]:
    """Yield the snapshot now and after each change; ride out a worker or a server that is away for a while.

    Raises:
        OrderUnknown: There is no such order.
        Unreachable: Nobody answered the first time, or for `give_up_after` seconds.
    """
    from baton.errors import Unreachable

    shown: Snapshot | None = None
    silent_since: float | None = None
    while shown is None or shown.outcome is None:
        try:
            # Asked anew, the client tells the present snapshot first, changed or not.
            async for seen in client.watch(reference, account, every=every):
                silent_since = None
                if seen != shown:
                    yield seen
                shown = seen
        except Unreachable as error:
            if silent_since is None:
                silent_since = time.monotonic()
                print_note(f"{error} Watching on.")
            if shown is None or time.monotonic() - silent_since >= give_up_after:
                raise
            await asyncio.sleep(RETRY_DELAY)


async def _as_lines(told: AsyncIterator["Snapshot"]) -> "Snapshot | None":
    last: Snapshot | None = None
    async for last in told:
        print_json(last.model_dump(mode="json"))
    return last


async def _as_text(told: AsyncIterator["Snapshot"]) -> "Snapshot | None":
    from baton.cli.views.live_view import change_line

    last: Snapshot | None = None
    line: str | None = None
    async for last in told:
        if (present := change_line(last)) != line:
            print_text(present)
        line = present
    return last


async def _live(told: AsyncIterator["Snapshot"]) -> "Snapshot | None":
    from baton.cli.views.live_view import live_view

    last: Snapshot | None = None

    def picture() -> RenderableType:
        return live_view(last, datetime.now(UTC)) if last else ""

    with Live(get_renderable=picture, console=people(), refresh_per_second=_FRAMES) as live:
        async for seen in told:
            last = seen
            live.refresh()
    return last
