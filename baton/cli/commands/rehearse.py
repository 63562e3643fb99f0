"""`baton rehearse`: replays what runs in Temporal with the code at hand, before that code runs it."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from baton.cli.errors import DONE, REFUSED, UNREACHABLE, USAGE, CommandFailed, command
from baton.cli.options import AsJson
from baton.cli.output import error_console, print_json, print_note, print_table, print_text

if TYPE_CHECKING:
    from baton.rehearsal.report import Rehearsal
    from baton.rehearsal.run import Source

Ended = Annotated[
    int, typer.Option("--closed", metavar="N", min=0, help="How many ended workflows, the newest of each type.")
]
Query = Annotated[
    str | None,
    typer.Option("--query", metavar="FILTER", help="Only open workflows that Temporal's list filter finds."),
]
Histories = Annotated[
    Path | None,
    typer.Option("--histories", metavar="FOLDER", help="Replay the histories in these files instead of Temporal's."),
]
Code = Annotated[
    Path | None, typer.Option("--code", metavar="FOLDER", help="Another checkout of Baton, whose code is rehearsed.")
]
Jobs = Annotated[
    int | None, typer.Option("--jobs", metavar="N", min=1, max=64, help="Processes that replay.", show_default="CPUs")
]


@command
def rehearse(
    closed: Ended = 200,
    query: Query = None,
    histories: Histories = None,
    code: Code = None,
    jobs: Jobs = None,
    as_json: AsJson = False,
) -> int:
    """Replay every open workflow, and a sample of ended ones, with the code at hand; change nothing.

    Run it with a new version before its workers start: a workflow that does not replay could not continue under it.
    Exits 1 if one would break, and names each.

    [dim]baton rehearse --closed 500[/dim]
    [dim]baton rehearse --code ../baton-1.4 --query "WorkflowType = 'OrderWorkflow'"[/dim]
    """
    from baton.process.lifecycle import run_main
    from baton.process.service import rehearse_program

    program = _program(code) if code else rehearse_program()
    processes = jobs or os.cpu_count() or 1
    return run_main(_rehearse(program, closed, query, histories, processes, as_json=as_json))


def _program(code: Path) -> Path:
    from baton.process.service import ServiceMissing, rehearse_program

    try:
        return rehearse_program(code.absolute())
    except ServiceMissing:
        message = f"--code: {code} is no checkout of Baton: it has no worker.py beside workflows and activities"
        raise CommandFailed(USAGE, "invalid_argument", message) from None


async def _rehearse(
    program: Path, closed: int, query: str | None, histories: Path | None, jobs: int, *, as_json: bool
) -> int:
    from temporalio.service import RPCError, RPCStatusCode

    from baton.rehearsal.histories import HistoryFileError
    from baton.rehearsal.replayers import CodeFails
    from baton.rehearsal.run import rehearse

    try:
        source = await _source(closed, query, histories)
        with _progress() as show:
            found = await rehearse(program, source, jobs, show)
        return _print(found, as_json=as_json)
    except HistoryFileError as error:
        raise CommandFailed(USAGE, "invalid_history", f"--histories: {error}") from None
    except CodeFails as error:
        raise CommandFailed(REFUSED, "code_fails", str(error)) from None
    except RPCError as error:
        if query and error.status is RPCStatusCode.INVALID_ARGUMENT:
            raise CommandFailed(USAGE, "invalid_query", f"--query: {error.message}") from None
        raise CommandFailed(UNREACHABLE, "temporal_unavailable", f"Temporal did not answer: {error.message}") from None


async def _source(closed: int, query: str | None, histories: Path | None) -> "Source":
    from baton.cli.session import join_stack
    from baton.rehearsal.run import Sample, from_folder, from_temporal
    from baton.temporal import connect

    if histories is not None:
        return from_folder(histories)
    join_stack()
    return from_temporal(await connect(), Sample(closed, query))


@contextmanager
def _progress() -> "Iterator[Callable[[int, int], None]]":
    """Yield a function that shows on the terminal's stderr how far the rehearsal is; elsewhere nothing is drawn."""
    console = error_console()
    if not console.is_terminal:
        yield lambda _, __: None
        return
    with console.status("starting the code") as status:
        yield lambda done, broken: status.update(f"{done} workflows replayed, {broken} would break")


def _print(found: "Rehearsal", *, as_json: bool) -> int:
    from baton.cli.views.rehearsal import broken_table, rehearsal_summary

    if as_json:
        print_json(found.model_dump(mode="json"))
    else:
        print_text(rehearsal_summary(found))
        if found.broken:
            print_table(broken_table(found))
            print_note("put the change behind workflow.patched or an edition: see docs/upgrading.md")
    return REFUSED if found.broken else DONE
