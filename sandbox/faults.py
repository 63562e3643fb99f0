"""Faults, as data: what goes wrong with answers of the API and with webhook deliveries, and how often.

An API fault is taken by the next matching call; a webhook fault by the next matching event. `times` counts down and the
fault is gone at zero.
"""

import asyncio
import itertools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Generic, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from sandbox.errors import ApiError, unknown


class FaultKind(StrEnum):
    """What happens to a call.

    ERROR answers with an error, before the effect or (`afterEffect`) after it. TIMEOUT_BEFORE lets the call hang in
    front of the handler: no effect unless released. TIMEOUT_AFTER and HOLD_AFTER have the effect and withhold the
    answer until released or the caller leaves. RESET has the effect and resets the connection. SLOW takes its
    time before the effect, with the idempotency key in use. TRUNCATE cuts the answer's body in half. WRONG_CONTENT_TYPE
    answers with a page instead of JSON, after the effect.
    """

    ERROR = "error"
    TIMEOUT_BEFORE = "timeout_before"
    TIMEOUT_AFTER = "timeout_after"
    HOLD_AFTER = "hold_after"
    RESET = "reset"
    SLOW = "slow"
    TRUNCATE = "truncate"
    WRONG_CONTENT_TYPE = "wrong_content_type"


class _Data(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra="forbid", frozen=True)


class FaultSpec(_Data):
    """A fault of API calls.

    Attributes:
        endpoint: Which calls; `any` for all.
        kind: What happens.
        times: How many calls.
        quote_id: Only calls about that quote or its order.
        status: HTTP status of an error.
        code: Code of an error.
        message: Message of an error.
        headers: Headers of an error, such as `Retry-After`.
        after_effect: Let an error come after the effect.
        seconds: How long `slow` takes, or after which a withheld answer is released by itself.
    """

    endpoint: Literal["quote", "submit", "status", "order", "estimate", "routes", "webhooks", "any"]
    kind: FaultKind
    times: int = Field(default=1, ge=1)
    quote_id: str | None = None
    status: int = Field(default=503, ge=400, le=599)
    code: str = "service_unavailable"
    message: str = "Injected by the sandbox"
    headers: Mapping[str, str] = {}
    after_effect: bool = False
    seconds: float | None = Field(default=None, ge=0)

    @property
    def error(self) -> ApiError:
        """Return the error that the fault answers with."""
        return ApiError(self.code, self.message, status=self.status, headers=self.headers)


class WebhookFaultSpec(_Data):
    """A fault of webhook deliveries.

    Attributes:
        kind: `drop` never sends; `duplicate` sends `copies`; `delay` waits `seconds`; `hold` keeps deliveries until
            they are released; `tamper` signs with a wrong secret, on every attempt.
        times: How many events; None for all.
        quote_id: Only events of that quote's order.
        events: Only events of these names; None for all.
        copies: How many `duplicate` sends.
        seconds: How long `delay` waits.
    """

    kind: Literal["drop", "duplicate", "delay", "hold", "tamper"]
    times: int | None = Field(default=None, ge=1)
    quote_id: str | None = None
    events: tuple[str, ...] | None = None
    copies: int = Field(default=2, ge=1)
    seconds: float = Field(default=1.0, ge=0)


Spec = TypeVar("Spec", FaultSpec, WebhookFaultSpec)


@dataclass
class Fault(Generic[Spec]):
    """A fault in force. `left` is None for one without end."""

    id: str
    spec: Spec
    left: int | None
    hits: int = 0
    released: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def document(self) -> dict[str, Any]:
        """Return the fault as the admin API shows it."""
        body = self.spec.model_dump(mode="json", by_alias=True)
        return {"id": self.id, **body, "left": self.left, "hits": self.hits, "released": self.released.is_set()}


class FaultBoard(Generic[Spec]):
    """The faults of one sort in force. Used-up ones stay listed, so that what they withhold can be released."""

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix
        self._numbers = itertools.count(1)
        self._faults: dict[str, Fault[Spec]] = {}

    def add(self, spec: Spec) -> Fault[Spec]:
        """Put a fault in force."""
        fault = Fault(f"{self._prefix}_{next(self._numbers)}", spec, spec.times)
        self._faults[fault.id] = fault
        return fault

    def add_for_quote(self, specs: Iterable[Spec], quote_id: str) -> None:
        """Put faults in force for one quote and its order."""
        for spec in specs:
            self.add(spec.model_copy(update={"quote_id": quote_id}))

    def documents(self) -> list[dict[str, Any]]:
        """Return every fault as the admin API shows it."""
        return [fault.document for fault in self._faults.values()]

    def matching(self, quote_id: str | None) -> list[Fault[Spec]]:
        """Return the faults that may still act on something about that quote."""
        return [
            fault
            for fault in self._faults.values()
            if fault.left != 0 and fault.spec.quote_id in (None, quote_id)
        ]

    def release(self, fault_id: str) -> Fault[Spec]:
        """End a fault and let go of every answer it withholds.

        Raises:
            ApiError: `not_found`.
        """
        if fault_id not in self._faults:
            raise unknown(f"no fault {fault_id}")
        fault = self._faults[fault_id]
        fault.left = 0
        fault.released.set()
        return fault

    def remove(self, fault_id: str) -> None:
        """Release a fault and forget it."""
        self.release(fault_id)
        del self._faults[fault_id]

    def clear(self) -> None:
        """Release and forget every fault."""
        for fault_id in list(self._faults):
            self.remove(fault_id)


def use(fault: Fault[Any]) -> None:
    """Count one hit."""
    fault.hits += 1
    if fault.left is not None:
        fault.left -= 1


def take_call_fault(board: FaultBoard[FaultSpec], endpoint: str, quote_id: str | None) -> Fault[FaultSpec] | None:
    """Return and count the first fault that the call runs into."""
    for fault in board.matching(quote_id):
        if fault.spec.endpoint in (endpoint, "any"):
            use(fault)
            return fault
    return None


def take_webhook_faults(
    board: FaultBoard[WebhookFaultSpec], event: str, quote_id: str | None
) -> list[WebhookFaultSpec]:
    """Return and count every fault that the event runs into; they act together."""
    hit = [f for f in board.matching(quote_id) if f.spec.events is None or event in f.spec.events]
    for fault in hit:
        use(fault)
    return [fault.spec for fault in hit]
