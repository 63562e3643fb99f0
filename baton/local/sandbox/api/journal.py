"""The journal: every call of the partner API, recorded before it is answered.

Tests read here what the client really did: the keys it used, the bodies it sent, the statuses it got.
"""

import hashlib
import itertools
import json
from collections import deque
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request

from baton.local.sandbox.api.idempotency import KEY_HEADER
from baton.local.sandbox.engine.clock import SandboxClock, iso

_CREDENTIALS = ("token", "readToken")

LENGTH = 50_000
"""Number of calls that the journal keeps."""


@dataclass
class JournalEntry:
    """One call. `status` is None until there is an answer, which a fault may still withhold."""

    id: int
    at: str
    endpoint: str
    method: str
    path: str
    query: dict[str, str]
    idempotency_key: str | None
    body_digest: str
    body: Any
    status: int | None = None
    replayed: bool = False
    fault: str | None = None

    @property
    def document(self) -> dict[str, Any]:
        """Return the call as the admin API shows it."""
        return {
            "id": self.id,
            "at": self.at,
            "endpoint": self.endpoint,
            "method": self.method,
            "path": self.path,
            "query": self.query,
            "idempotencyKey": self.idempotency_key,
            "bodyDigest": self.body_digest,
            "body": self.body,
            "status": self.status,
            "replayed": self.replayed,
            "fault": self.fault,
        }


class Journal:
    """The calls in the order of their arrival."""

    def __init__(self, clock: SandboxClock) -> None:
        self._clock = clock
        self._numbers = itertools.count(1)
        self._entries: deque[JournalEntry] = deque(maxlen=LENGTH)

    def write(self, endpoint: str, request: Request, body: bytes) -> JournalEntry:
        """Record a call and return its entry; the answer is filled in later. Credentials are never recorded."""
        entry = JournalEntry(
            id=next(self._numbers),
            at=iso(self._clock.now()),
            endpoint=endpoint,
            method=request.method,
            path=request.scope["path"],
            query={name: _query_value(name, value) for name, value in request.query_params.items()},
            idempotency_key=request.headers.get(KEY_HEADER),
            body_digest=hashlib.sha256(body).hexdigest(),
            body=_parsed(body),
        )
        self._entries.append(entry)
        return entry

    def documents(self, endpoint: str | None = None) -> list[dict[str, Any]]:
        """Return the calls of one endpoint, or all calls."""
        return [entry.document for entry in self._entries if endpoint in (None, entry.endpoint)]


def _query_value(name: str, value: str) -> str:
    return "(hidden)" if name in _CREDENTIALS else value


def _parsed(body: bytes) -> Any:
    if not body:
        return None
    try:
        return json.loads(body)
    except ValueError:
        return body[:1_000].decode("utf-8", "replace")
