"""`baton demo`: all of Baton on throw-away data, with orders of every kind, each watched to its end.

The demo simulates deposits, so it always uses its own sandbox and ignores `ORCHESTRA_*`. It uses the server that
`TEMPORAL_ADDRESS` names, or else the embedded one.

On real chains, each deposit is a transaction on a local node. Nobody reports it and the sandbox does not detect it, so
an order can only continue because Baton saw the transaction.
"""

import asyncio
import json
import os
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Coroutine, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
from pydantic import SecretStr
from rich.console import Console
from rich.live import Live

from baton.client import BatonClient
from baton.errors import BatonError
from baton.local.sandbox.control import SandboxControl
from baton.local.stack.book_reader import read_books
from baton.local.stack.books import Books, faults, totals_line
from baton.local.stack.chain_nodes import local_chains
from baton.local.stack.crashes import GATEWAY, TEMPORAL, WORKER, Crash, crash_all, crash_table, insist
from baton.local.stack.interruption import until_signal
from baton.local.stack.ports import throwaway_ports
from baton.local.stack.progress import Progress, final_table, json_line, live_table, payments_table
from baton.local.stack.showcase import BRANCHES, ON_CHAIN, SHOWPIECES, Noticed, Origin, Showpiece
from baton.local.stack.source_pieces import pay_source
from baton.local.stack.up import LocalStack
from baton.process.lifecycle import EXIT_DONE, EXIT_REFUSED
from baton.settings import Settings

_LOG_WIDTH = 110
_STAGGER = 1.5
"""Seconds between two orders of a demo with crashes."""
_PACE = {"BATON_SANDBOX_STEP_SECONDS": "1.2", "BATON_SANDBOX_RETRY_SCALE": "0.1"}
"""The sandbox's pace in a demo with crashes: steps slow enough for kills in each phase of an order; webhooks that found
nobody are sent again after 1, 3, 12 and 60 seconds instead of ten times as many."""
_FOREIGN = ("ORCHESTRA_", "BATON_CHAINS_FILE", "BATON_LEDGER_PASSWORD", "BATON_WATCH", "BATON_SANDBOX_SETTLE")
"""Prefixes of variables that would point the demo to a real partner account or to other chains."""

DEADLINE = 180.0
"""Seconds after which the demo gives up on an order that has not ended."""


async def run_demo(settings: Settings, *, as_json: bool = False, on_chains: bool = False, crash: bool = False) -> int:
    """Run the demo; return 0 only if every order ended as expected.

    Args:
        settings: Ports that are set explicitly are used; all other settings are ignored.
        as_json: Print the table as JSON lines.
        on_chains: Pay on every local chain node that is available, instead of on a simulated chain.
        crash: Kill parts of the stack while the orders run, and compare both sides' books at the end.

    Raises:
        NodesMissing: No chain node is available.
        StackError: A part of the stack did not start, or did not start again.
    """
    return await until_signal(_run(settings, as_json=as_json, on_chains=on_chains, crash=crash))


async def _run(settings: Settings, *, as_json: bool, on_chains: bool, crash: bool) -> int:
    notes = Console(stderr=True, highlight=False)
    notes.print("Baton demo: a sandbox stands in for Orchestra, no money moves", style="bold")
    with tempfile.TemporaryDirectory(prefix="baton-demo-") as home:
        async with _pieces(Path(home), notes, on_chains=on_chains) as pieces:
            orders = [Progress(piece, reference=f"demo-{piece.name}") for piece in pieces]
            run = _run_with_crashes if crash else _run_undisturbed
            if crash:
                os.environ.update(_PACE)
            async with _throwaway_stack(settings, Path(home), notes) as stack:
                well = await run(stack, orders, notes, as_json=as_json)
    return EXIT_DONE if well and all(order.outcome is order.piece.ends for order in orders) else EXIT_REFUSED


async def _run_undisturbed(stack: LocalStack, orders: list[Progress], notes: Console, *, as_json: bool) -> bool:
    async with _clients(stack) as (baton, sandbox):
        work = (_run_order(baton, sandbox, order) for order in orders)
        await _show_while(_all_of(*work), orders, notes)
    _print_results(orders, stack.plan.ui_url, as_json=as_json)
    return True


async def _run_with_crashes(stack: LocalStack, orders: list[Progress], notes: Console, *, as_json: bool) -> bool:
    """Run the orders while parts of the stack are killed; return whether nothing was lost or doubled."""
    crashes: list[Crash] = []
    parts = [WORKER, GATEWAY, *([TEMPORAL] if stack.plan.embeds_temporal else [])]

    def under_way() -> int:
        return sum(order.step != "placing" and order.outcome is None for order in orders)

    async with _clients(stack) as (baton, sandbox):
        # One after the other, so that each kill finds orders in every phase.
        work = [_run_order(baton, sandbox, order, delay=number * _STAGGER) for number, order in enumerate(orders)]
        await _show_while(_all_of(crash_all(stack, crashes, parts=parts, under_way=under_way), *work), orders, notes)
        books = await read_books(sandbox, stack.plan.shared["BATON_LEDGER_URL"])
    found = faults(books, orders)
    _print_results(orders, stack.plan.ui_url, as_json=as_json)
    _print_crashes(crashes, books, found, as_json=as_json)
    return not found


@asynccontextmanager
async def _pieces(home: Path, notes: Console, *, on_chains: bool) -> AsyncIterator[Sequence[Showpiece]]:
    """Yield what to order; on real chains, start their nodes and point the environment to them."""
    for name in [name for name in os.environ if name.startswith(_FOREIGN)]:
        del os.environ[name]
    if not on_chains:
        yield [*SHOWPIECES, *BRANCHES]
        return
    async with local_chains(home / "chains", lambda text: notes.print(f"{text} ...", style="dim")) as chains:
        for sentence in chains.left_out:
            notes.print(sentence, style="yellow", markup=False)
        notes.print(f"Deposits are real transactions on local nodes: {', '.join(chains.names)}")
        os.environ.update(chains.environment)
        yield [ON_CHAIN[name] for name in chains.names]


@asynccontextmanager
async def _throwaway_stack(settings: Settings, home: Path, notes: Console) -> AsyncIterator[LocalStack]:
    nothing = {"ledger_url": "", "ledger_password": SecretStr(""), "ledger_password_file": None, "partners_file": None}
    own = settings.model_copy(update={"home": home, **nothing})
    ports = throwaway_ports(settings)
    async with LocalStack(
        own, ports=ports, keeps_sandbox=False, say=lambda text: notes.print(f"{text} ...", style="dim")
    ) as stack:
        os.environ.update(stack.plan.shared)
        if stack.plan.ui_url:
            notes.print(f"Temporal UI while the demo runs: {stack.plan.ui_url}")
        yield stack


@asynccontextmanager
async def _clients(stack: LocalStack) -> AsyncIterator[tuple[BatonClient, SandboxControl]]:
    assert stack.plan.sandbox_url is not None
    baton = await BatonClient.connect()
    async with SandboxControl(stack.plan.sandbox_url) as sandbox:
        yield baton, sandbox


async def _all_of(*work: Coroutine[Any, Any, None]) -> None:
    await asyncio.gather(*work)


async def _run_order(baton: BatonClient, sandbox: SandboxControl, order: Progress, *, delay: float = 0) -> None:
    """Run one order from placing to its end; an error fails this order, not the demo."""
    await asyncio.sleep(delay)
    began = time.monotonic()
    try:
        async with asyncio.timeout(DEADLINE):
            await _run_steps(baton, sandbox, order)
    except TimeoutError:
        order.error = f"not ended within {DEADLINE:.0f} s"
    except (BatonError, httpx.HTTPError) as error:
        order.error = str(error)
    order.seconds = time.monotonic() - began


async def _run_steps(baton: BatonClient, sandbox: SandboxControl, order: Progress) -> None:
    make = _place_and_pay if order.piece.origin is Origin.PLACED else pay_source
    reference = await make(baton, sandbox, order)
    if reference is None:
        return
    order.step = "watching"

    async def watch() -> None:
        async for snapshot in baton.watch(reference, every=0.2):
            order.record(snapshot, time.monotonic())

    await insist(watch)


async def _place_and_pay(baton: BatonClient, sandbox: SandboxControl, order: Progress) -> str | None:
    """Place an order and pay it; return its reference, or None if there is nothing to pay."""
    placed = await insist(lambda: baton.place({"reference": order.reference, **order.piece.document}))
    if placed.quote_id is None:
        order.error = placed.reason.message if placed.reason else "no quote"
        return None
    if order.piece.scenario:
        await sandbox.set_scenario(order.piece.scenario, placed.quote_id)
    order.step = "depositing"
    deposit = await sandbox.deposit(quote_id=placed.quote_id, detect=order.piece.noticed_by is Noticed.ORCHESTRA)
    order.pay(deposit, time.monotonic())
    if order.piece.reported and (proof := order.proof):
        await insist(lambda: baton.report_deposit(order.reference, proof))
    return order.reference


async def _show_while(work: Coroutine[Any, Any, None], orders: list[Progress], notes: Console) -> None:
    if not notes.is_terminal:
        await work
        return
    with Live(console=notes, get_renderable=lambda: live_table(orders), refresh_per_second=8, transient=True):
        await work


def _print_results(orders: list[Progress], ui_url: str | None, *, as_json: bool) -> None:
    console = Console(highlight=False, soft_wrap=as_json, width=None if sys.stdout.isatty() else _LOG_WIDTH)
    if as_json:
        for order in orders:
            console.print(json_line(order, ui_url), markup=False)
        return
    console.print(final_table(orders))
    on_chain = [order for order in orders if order.piece.noticed_by is Noticed.BATON]
    if on_chain:
        console.print(payments_table(on_chain))
    console.print(f"Temporal UI of this run: {ui_url or 'the UI of the server in use'}")
    console.print("`make up` keeps the same stack running; its UI then stays open.")


def _print_crashes(crashes: list[Crash], books: Books, found: list[str], *, as_json: bool) -> None:
    console = Console(highlight=False, soft_wrap=as_json, width=None if sys.stdout.isatty() else _LOG_WIDTH)
    if as_json:
        killed = [crash.document() for crash in crashes]
        console.print(json.dumps({"crashes": killed, "books": books.totals(), "faults": found}), markup=False)
        return
    console.print(crash_table(crashes))
    console.print(totals_line(books))
    for fault in found:
        console.print(fault, style="red", markup=False)
    verdict = (
        "Something is lost or doubled." if found else "Every order ended as it should; nothing is lost or doubled."
    )
    console.print(verdict, style="red" if found else "green")
