"""Stores histories: one JSON file for each path and each of its children, one event on each line."""

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message
from temporalio.api.common.v1 import Payload
from temporalio.api.enums.v1 import TaskQueueKind
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.client import WorkflowHistory

FOLDER = Path(__file__).parent / "histories"

_RECORDER = "recorder"
_MACHINE_FIELDS = {"identity": _RECORDER, "stack_trace": ""}
"""Fields that name the recording machine, and their replacements; a replay does not need them."""
_ADDRESS = re.compile(rb"http://127\.0\.0\.1:\d+")
_PARTNER = b"https://orchestra.example"
"""Replaces the sandbox's address in the short links of onramps."""


def save(name: str, history: WorkflowHistory) -> None:
    """Store a history without traces of the machine that recorded it."""
    events = []
    for event in history.events:
        copy = type(event)()
        copy.CopyFrom(event)
        _remove_machine(copy)
        events.append(copy)
    documents = WorkflowHistory(history.workflow_id, events).to_json_dict()["events"]
    lines = ",\n".join(json.dumps(event, separators=(",", ":")) for event in documents)
    _file(name).write_text(f'{{"events":[\n{lines}\n]}}\n', encoding="utf-8")


@cache
def load(name: str) -> WorkflowHistory:
    """Return a stored history."""
    parsed = WorkflowHistory.from_json("", _file(name).read_text(encoding="utf-8"))
    workflow_id = parsed.events[0].workflow_execution_started_event_attributes.workflow_id
    return WorkflowHistory(workflow_id, parsed.events)


def stored() -> set[str]:
    """Return the names of all stored histories."""
    return {file.stem for file in FOLDER.glob("*.json")}


def _file(name: str) -> Path:
    return FOLDER / f"{name}.json"


def _remove_machine(message: Message) -> None:
    if isinstance(message, TaskQueue) and message.kind == TaskQueueKind.TASK_QUEUE_KIND_STICKY:
        message.name = _RECORDER
    if isinstance(message, Payload):
        message.data = _ADDRESS.sub(_PARTNER, message.data)
    for field, value in message.ListFields():
        if field.name in _MACHINE_FIELDS and field.type == FieldDescriptor.TYPE_STRING:
            setattr(message, field.name, _MACHINE_FIELDS[field.name])
        elif field.type == FieldDescriptor.TYPE_MESSAGE:
            for part in _messages(value):
                _remove_machine(part)


def _messages(value: Any) -> list[Message]:
    if isinstance(value, Message):
        return [value]
    parts = value.values() if hasattr(value, "values") else value
    return [part for part in parts if isinstance(part, Message)]
