"""Idempotency of mutating calls, scoped by partner, endpoint and key.

The first answer is stored, refusals included; a repeat with the same body gets it again, marked as replayed. Answers
that do not depend on the request (5xx, 401, 429, a call still running) are not stored, so the key stays free for the
retry. Source: the partner API reference, idempotency.
"""

import hashlib
import json
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Annotated, Any

from pydantic import PlainSerializer
from starlette.types import ASGIApp

from baton.local.sandbox.engine.active_faults import Fault
from baton.local.sandbox.engine.memory import Memory, Table
from baton.local.sandbox.errors import ApiError
from baton.local.sandbox.scenarios.faults import FaultSpec

KEY_HEADER = "X-Idempotency-Key"
REPLAYED_HEADER = "X-Idempotency-Replayed"

IN_PROGRESS = "idempotency_in_progress"

Stream = Callable[[Fault[FaultSpec] | None], ASGIApp]
"""Makes a stream; the fault, if there is one, breaks it."""

_BEFORE_THE_HANDLER = frozenset({401, 429})
_PRINTABLE = re.compile(r"[\x20-\x7e]{1,255}")


@dataclass(frozen=True)
class Answer:
    """An answer of the API before it goes over the wire. If it has a `stream`, the stream sends its body.

    A stream answers no call with an idempotency key, so it is never stored.
    """

    status: int
    body: Any
    headers: dict[str, str] = field(default_factory=dict)
    stream: Annotated[Stream | None, PlainSerializer(lambda _: None)] = None

    @classmethod
    def of(cls, error: ApiError) -> "Answer":
        """Return the answer with the error's envelope."""
        return cls(error.status, error.envelope, dict(error.headers))


@dataclass(frozen=True)
class _Record:
    fingerprint: str
    answer: Answer


Scope = tuple[str, str, str]
"""Partner, endpoint, key."""


def read_key(value: str | None) -> str:
    """Return the idempotency key of a call.

    Raises:
        ApiError: `missing_idempotency_key` or `invalid_idempotency_key`.
    """
    if not value:
        raise ApiError("missing_idempotency_key", f"the {KEY_HEADER} header is required")
    if not _PRINTABLE.fullmatch(value):
        raise ApiError("invalid_idempotency_key", f"{KEY_HEADER} must be 1 to 255 printable ASCII characters")
    return value


_SORTED = json.JSONEncoder(sort_keys=True)


def fingerprint(body: Any) -> str:
    """Return a digest that is the same for equal JSON bodies, whatever their spacing and key order."""
    return hashlib.sha256(_SORTED.encode(body).encode()).hexdigest()


class IdempotencyStore:
    """The stored answers, by idempotency key.

    Args:
        memory: Keeps the answers.
        unstored_codes: Codes of further refusals that are not stored.
    """

    def __init__(self, memory: Memory, unstored_codes: frozenset[str] = frozenset()) -> None:
        self._unstored_codes = unstored_codes
        self._records: Table[_Record] = memory.table("answers", _Record)
        self._running: dict[str, str] = {}

    async def once(self, scope: Scope, digest: str, run: Callable[[], Awaitable[Answer]]) -> tuple[Answer, bool]:
        """Run a call, or return the stored answer of its first run.

        Args:
            scope: Partner, endpoint and key.
            digest: Fingerprint of the body.
            run: The call; it returns errors as answers and raises none.

        Returns:
            The answer, and whether it is a replay.

        Raises:
            ApiError: `idempotency_conflict` for another body, `idempotency_in_progress` while the first run lasts.
        """
        name = json.dumps(scope)
        previous = self._previous(name, digest)
        if previous is not None:
            return previous, True
        self._running[name] = digest
        try:
            answer = await run()
        finally:
            del self._running[name]
        if self._is_stored(answer):
            self._records[name] = _Record(digest, answer)
        return answer, False

    def _previous(self, name: str, digest: str) -> Answer | None:
        """Return the stored answer; None if there was no such call."""
        record = self._records.get(name)
        if (record.fingerprint if record else self._running.get(name, digest)) != digest:
            raise ApiError("idempotency_conflict", "this idempotency key was used with another body")
        if name in self._running:
            message = "the first call with this idempotency key is still running"
            raise ApiError(IN_PROGRESS, message, headers={"Retry-After": "1"})
        return record.answer if record else None

    def _is_stored(self, answer: Answer) -> bool:
        if answer.status >= 500 or answer.status in _BEFORE_THE_HANDLER:
            return False
        error = answer.body.get("error") if isinstance(answer.body, dict) else None
        return not (isinstance(error, dict) and error.get("code") in self._unstored_codes | {IN_PROGRESS})
