"""Which histories are rehearsed: every open workflow, a sample of ended ones, or stored files."""

from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import NamedTuple

from temporalio.client import Client, WorkflowExecution, WorkflowHistory
from temporalio.service import RPCError, RPCStatusCode

from baton.orders.names import WORKFLOW_QUEUE
from baton.rehearsal.report import Place

_OF_BATON = f"TaskQueue = '{WORKFLOW_QUEUE}'"


class HistoryFileError(Exception):
    """A file holds no history; the text names it."""


class Chosen(NamedTuple):
    """A workflow whose history is to be replayed."""

    workflow_id: str
    run_id: str
    workflow: str
    place: Place


async def open_workflows(client: Client, query: str | None = None) -> AsyncIterator[Chosen]:
    """Yield every workflow that runs, or those that a query of Temporal's list filter finds among them.

    Raises:
        RPCError: Temporal did not answer, or does not understand the query.
    """
    narrowed = f" AND ({query})" if query else ""
    async for found in client.list_workflows(f"{_OF_BATON} AND ExecutionStatus = 'Running'{narrowed}"):
        yield _chosen(found, "open")


async def ended_workflows(client: Client, workflows: Sequence[str], most: int) -> AsyncIterator[Chosen]:
    """Yield the newest ended workflows, as many of each type, together at most so many.

    Raises:
        RPCError: Temporal did not answer.
    """
    left = most
    for position, workflow in enumerate(workflows):
        share = -(-left // (len(workflows) - position))
        query = f"{_OF_BATON} AND WorkflowType = '{workflow}' AND ExecutionStatus != 'Running'"
        async for found in client.list_workflows(query, limit=share):
            left -= 1
            yield _chosen(found, "closed")


async def history_of(client: Client, chosen: Chosen) -> WorkflowHistory | None:
    """Return the history of a workflow; None if Temporal has it no longer.

    Raises:
        RPCError: Temporal did not answer.
    """
    try:
        return await client.get_workflow_handle(chosen.workflow_id, run_id=chosen.run_id).fetch_history()
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            return None
        raise


def stored_histories(folder: Path) -> list[Path]:
    """Return the files of a folder that hold histories, as `temporal workflow show --output json` writes them.

    Raises:
        HistoryFileError: There is no such folder, or nothing in it.
    """
    files = sorted(folder.glob("*.json")) if folder.is_dir() else []
    if not files:
        raise HistoryFileError(f"{folder} has no histories; write them with `temporal workflow show --output json`")
    return files


def stored_history(file: Path) -> tuple[Chosen, WorkflowHistory]:
    """Return the history of a file.

    Raises:
        HistoryFileError: It cannot be read.
    """
    try:
        history = WorkflowHistory.from_json(file.stem, file.read_text(encoding="utf-8"))
        started = history.events[0].workflow_execution_started_event_attributes
    except Exception as error:
        raise HistoryFileError(f"{file} is no history in JSON: {type(error).__name__}") from None
    workflow_id = started.workflow_id or file.stem
    chosen = Chosen(workflow_id, started.original_execution_run_id, started.workflow_type.name, "stored")
    return chosen, WorkflowHistory(workflow_id, history.events)


def _chosen(found: WorkflowExecution, place: Place) -> Chosen:
    return Chosen(found.id, found.run_id, found.workflow_type, place)
