"""The faults in force, and which of them a call or an event runs into."""

import asyncio
import itertools
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from baton.local.sandbox.admin.faults import FaultSpec, WebhookFaultSpec
from baton.local.sandbox.errors import unknown

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
        return [fault for fault in self._faults.values() if fault.left != 0 and fault.spec.quote_id in (None, quote_id)]

    def matching_kind(self, kind: str) -> list[Fault[Spec]]:
        """Return the faults of that kind that may still act."""
        return [fault for fault in self._faults.values() if fault.left != 0 and fault.spec.kind == kind]

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

    def remove_for_quote(self, quote_id: str) -> None:
        """Release and forget the faults of one quote."""
        for fault in list(self._faults.values()):
            if fault.spec.quote_id == quote_id:
                self.remove(fault.id)

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
