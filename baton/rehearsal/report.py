"""What a rehearsal found: which workflows the code fits, and which it would break. Pure."""

import re
from collections import Counter
from typing import Literal

from pydantic import BaseModel

from baton.rehearsal.protocol import Replayed

_MESSAGE = re.compile(r'message: "((?:[^"\\]|\\.)*)"')
_EVENT_NUMBER = re.compile(r"\bid: \d+, ")

Place = Literal["open", "closed", "stored"]
"""Whether a history is of a workflow that runs, of one that has ended, or was read from a file."""


class Rehearsed(BaseModel):
    """A workflow that was rehearsed.

    Attributes:
        workflow_id: Its id; of a stored history the file's name.
        run_id: Its run.
        workflow: Its type.
        place: Where its history is from.
        events: How long its history is.
        failure: What would happen under this code; None if it continues as before.
    """

    workflow_id: str
    run_id: str = ""
    workflow: str
    place: Place
    events: int
    failure: str | None = None

    @property
    def cause(self) -> str:
        """The failure without the number of the event at which it happens."""
        return _EVENT_NUMBER.sub("", self.failure or "")


class Rehearsal(BaseModel):
    """The result of a rehearsal.

    Attributes:
        code: The folder whose code was rehearsed.
        replayed: How many histories were replayed, by where they are from.
        broken: The workflows that this code would break.
        left_out: Workflows whose history Temporal no longer had when it was asked for.
    """

    code: str
    replayed: dict[Place, int]
    broken: list[Rehearsed]
    left_out: int = 0

    @property
    def causes(self) -> Counter[tuple[str, str]]:
        """How many workflows break for each type and reason, wherever in their histories it is."""
        return Counter((found.workflow, found.cause) for found in self.broken)


def failure_of(verdict: Replayed, workflow: str, known: list[str]) -> str | None:
    """Return in words what would happen to a workflow; None if it continues as before."""
    if verdict.failure is None:
        return None
    if workflow not in known:
        return f"this code has no workflow {workflow}"
    text = _words_of(verdict.failure)
    return f"this code makes other commands than the history has: {text}" if verdict.differs else f"it fails: {text}"


def _words_of(failure: str) -> str:
    """Return a failure's own words: those of the SDK's native library are inside the listing of a structure."""
    text = " ".join(failure.split())
    found = _MESSAGE.search(text)
    return (found[1] if found else text).replace('\\"', '"').removeprefix("[TMPRL1100] Nondeterminism error: ")
