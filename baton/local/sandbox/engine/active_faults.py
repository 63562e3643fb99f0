"""The active faults, and which of them hit a call or an event."""

import asyncio
import itertools
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from baton.local.sandbox.engine.memory import Memory, StoredEvent, Table
from baton.local.sandbox.errors import unknown
from baton.local.sandbox.scenarios.faults import FaultSpec, WebhookFaultSpec

Spec = TypeVar("Spec", FaultSpec, WebhookFaultSpec)


@dataclass
class Fault(Generic[Spec]):
    """An active fault. `left` counts its remaining hits; None means no limit."""

    id: str
    spec: Spec
    left: int | None
    hits: int = 0
    released: StoredEvent = field(default_factory=asyncio.Event, compare=False)

    @property
    def document(self) -> dict[str, Any]:
        """Return the fault as the admin API shows it."""
        body = self.spec.model_dump(mode="json", by_alias=True)
        return {"id": self.id, **body, "left": self.left, "hits": self.hits, "released": self.released.is_set()}


class ActiveFaults(Generic[Spec]):
    """The active faults of one kind. Used-up faults stay listed, so that the answers they withhold can be released.

    Args:
        prefix: Begins the ids of the faults.
        spec: Type of their specifications.
        memory: Keeps the faults.
    """

    def __init__(self, prefix: str, spec: type[Spec], memory: Memory) -> None:
        self._prefix = prefix
        self._faults: Table[Fault[Spec]] = memory.table(f"{prefix}s", Fault[spec])  # type: ignore[valid-type]
        self._numbers = itertools.count(1 + max(map(number_of, self._faults), default=0))

    def add(self, spec: Spec) -> Fault[Spec]:
        """Activate a fault and return it."""
        fault = Fault(f"{self._prefix}_{next(self._numbers)}", spec, spec.times)
        self._faults[fault.id] = fault
        return fault

    def add_for_quote(self, specs: Iterable[Spec], quote_id: str) -> None:
        """Activate faults for one quote and its order."""
        for spec in specs:
            self.add(spec.model_copy(update={"quote_id": quote_id}))

    def documents(self) -> list[dict[str, Any]]:
        """Return every fault as the admin API shows it."""
        return [fault.document for fault in self._faults.values()]

    def matching(self, quote_id: str | None) -> list[Fault[Spec]]:
        """Return the faults that can still hit calls and events about that quote."""
        return [fault for fault in self._faults.values() if fault.left != 0 and fault.spec.quote_id in (None, quote_id)]

    def matching_kind(self, kind: str) -> list[Fault[Spec]]:
        """Return the faults of that kind with hits left."""
        return [fault for fault in self._faults.values() if fault.left != 0 and fault.spec.kind == kind]

    def release(self, fault_id: str) -> Fault[Spec]:
        """End a fault, send every answer that it withholds, and return it.

        Raises:
            ApiError: `not_found`.
        """
        if fault_id not in self._faults:
            raise unknown(f"no fault {fault_id}")
        fault = self._faults[fault_id]
        fault.left = 0
        fault.released.set()
        self._faults.changed(fault_id)
        return fault

    def count_hit(self, fault: Fault[Spec]) -> None:
        """Count one hit of a fault."""
        fault.hits += 1
        if fault.left is not None:
            fault.left -= 1
        self._faults.changed(fault.id)

    def remove_for_quote(self, quote_id: str) -> None:
        """Release and delete the faults of one quote."""
        for fault in list(self._faults.values()):
            if fault.spec.quote_id == quote_id:
                self.remove(fault.id)

    def remove(self, fault_id: str) -> None:
        """Release a fault and delete it.

        Raises:
            ApiError: `not_found`.
        """
        self.release(fault_id)
        del self._faults[fault_id]

    def release_answers(self) -> None:
        """Send every answer that a fault withholds, because the sandbox ends; the faults themselves stay."""
        for fault in self._faults.values():
            fault.released.set()


def number_of(thing_id: str) -> int:
    """Return the number in an id like `fault_7`."""
    return int(thing_id.rpartition("_")[2])


def take_call_fault(faults: ActiveFaults[FaultSpec], endpoint: str, quote_id: str | None) -> Fault[FaultSpec] | None:
    """Return the first fault that hits the call, and count the hit."""
    for fault in faults.matching(quote_id):
        if fault.spec.endpoint in (endpoint, "any"):
            faults.count_hit(fault)
            return fault
    return None


def take_webhook_faults(
    faults: ActiveFaults[WebhookFaultSpec], event: str, quote_id: str | None
) -> list[WebhookFaultSpec]:
    """Return every fault that hits the event, and count the hits; the faults act together."""
    hits = [fault for fault in faults.matching(quote_id) if fault.spec.events is None or event in fault.spec.events]
    for fault in hits:
        faults.count_hit(fault)
    return [fault.spec for fault in hits]
