"""What `baton rehearse` and a process that replays say to each other: one JSON object a line."""

import base64
import json
from collections.abc import Sequence
from typing import NamedTuple

from pydantic import BaseModel
from temporalio.api.history.v1 import History
from temporalio.client import WorkflowHistory

LONGEST_LINE = 256 * 1024 * 1024
"""Bytes; Temporal ends a workflow whose history is larger than 50 MB."""


class SentHistory(NamedTuple):
    """A history on its way to a process, and the number under which its verdict comes back."""

    number: int
    history: WorkflowHistory


class Replayed(BaseModel):
    """The verdict on one history.

    Attributes:
        number: The history's number.
        failure: Why it does not replay; None if it does.
        differs: Whether the code makes other commands than the history has; otherwise it failed in some other way.
    """

    number: int
    failure: str | None = None
    differs: bool = False


def handshake(workflows: Sequence[str]) -> str:
    """Return the first line of a process: the workflows that it can replay."""
    return json.dumps({"workflows": list(workflows)}) + "\n"


def read_handshake(line: str) -> list[str]:
    """Return the workflows of a process.

    Raises:
        ValueError: It is no such line.
    """
    document = json.loads(line)
    if not isinstance(document, dict) or not isinstance(document.get("workflows"), list):
        raise ValueError("no list of workflows")
    return [str(name) for name in document["workflows"]]


def history_line(sent: SentHistory) -> str:
    """Return a history as a line."""
    events = base64.b64encode(History(events=sent.history.events).SerializeToString()).decode()
    return json.dumps({"number": sent.number, "workflow_id": sent.history.workflow_id, "events": events}) + "\n"


def read_history(line: str) -> SentHistory:
    """Return the history of a line."""
    document = json.loads(line)
    events = History.FromString(base64.b64decode(document["events"])).events
    return SentHistory(document["number"], WorkflowHistory(document["workflow_id"], events))


def answer_line(verdict: Replayed) -> str:
    """Return a verdict as a line."""
    return verdict.model_dump_json() + "\n"
