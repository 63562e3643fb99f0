"""Where histories are stored: one JSON file for each path and each child on it, one event on each line."""

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
_OF_THE_MACHINE = {"identity": _RECORDER, "stack_trace": ""}
"""Fields that name the machine a history was recorded on, and what stands there instead; replay needs neither."""
_ADDRESS = re.compile(rb"http://127\.0\.0\.1:\d+")
_PARTNER = b"https://orchestra.example"
"""What stands in place of the sandbox's address, in the short links of onramps."""


def save(name: str, history: WorkflowHistory) -> None:
    """Store a history, free of what belongs to the machine it was recorded on."""
    events = []
    for event in history.events:
        kept = type(event)()
        kept.CopyFrom(event)
        _forget_machine(kept)
        events.append(kept)
    told = WorkflowHistory(history.workflow_id, events).to_json_dict()["events"]
    lines = ",\n".join(json.dumps(event, separators=(",", ":")) for event in told)
    _file(name).write_text(f'{{"events":[\n{lines}\n]}}\n', encoding="utf-8")


@cache
def load(name: str) -> WorkflowHistory:
    """Return a stored history."""
    parsed = WorkflowHistory.from_json("", _file(name).read_text(encoding="utf-8"))
    workflow_id = parsed.events[0].workflow_execution_started_event_attributes.workflow_id
    return WorkflowHistory(workflow_id, parsed.events)


def stored() -> set[str]:
    """Return the names of the histories that there are."""
    return {file.stem for file in FOLDER.glob("*.json")}


def _file(name: str) -> Path:
    return FOLDER / f"{name}.json"


def _forget_machine(message: Message) -> None:
    if isinstance(message, TaskQueue) and message.kind == TaskQueueKind.TASK_QUEUE_KIND_STICKY:
        message.name = _RECORDER
    if isinstance(message, Payload):
        message.data = _ADDRESS.sub(_PARTNER, message.data)
    for field, value in message.ListFields():
        if field.name in _OF_THE_MACHINE and field.type == FieldDescriptor.TYPE_STRING:
            setattr(message, field.name, _OF_THE_MACHINE[field.name])
        elif field.type == FieldDescriptor.TYPE_MESSAGE:
            for part in _messages(value):
                _forget_machine(part)


def _messages(value: Any) -> list[Message]:
    if isinstance(value, Message):
        return [value]
    parts = value.values() if hasattr(value, "values") else value
    return [part for part in parts if isinstance(part, Message)]
