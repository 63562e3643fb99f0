"""What each update may do to an address or a link, and the sentence that refuses it. Pure."""

from collections.abc import Iterator
from typing import Any

from temporalio.exceptions import ApplicationError

from baton.orders.differences import flat_fields, phrase
from baton.orders.models import Resolution
from baton.orders.order_source import SourceKind
from baton.orders.rules.updates import REFERENCE_CONFLICT, check_reason
from baton.sources.change import SourceChange
from baton.sources.create_source import CreateSource
from baton.sources.state import SourceState

SOURCE_CLOSED = "source_closed"
NOT_DISABLED = "not_disabled"
NOT_ENABLED = "not_enabled"
NOTHING_TO_CHANGE = "nothing_to_change"


def check_same_source(created: CreateSource, requested: CreateSource, change: SourceChange | None = None) -> None:
    """Refuse a different address or link under a reference that is taken.

    One that was changed meanwhile is the same as it was created, and as it is now.
    """
    if not (created.same_as(requested) or created.changed_by(change).same_as(requested)):
        differing = ", ".join(source_differences(created, requested)) or "in its policy"
        raise ApplicationError(
            f"reference {created.reference!r} belongs to another request ({differing}); "
            "use a new reference, or create the same",
            type=REFERENCE_CONFLICT,
        )


def source_differences(created: CreateSource, requested: CreateSource) -> list[str]:
    """Return one phrase for each field that differs, such as `slippageBps: 50 created, 100 requested`."""
    before, after = dict(_fields(created)), dict(_fields(requested))
    if before["type"] != after["type"]:
        return [phrase("type", before["type"], after["type"], placed="created")]
    names = [*before, *(name for name in after if name not in before)]
    return [
        phrase(name, before.get(name), after.get(name), placed="created")
        for name in names
        if before.get(name) != after.get(name)
    ]


def _fields(source: CreateSource) -> Iterator[tuple[str, Any]]:
    yield "type", source.type
    yield from flat_fields("", {"label": source.label} if source.label else {})
    yield from flat_fields("", source.request.model_dump(mode="json", exclude_none=True, exclude={"label"}))
    yield from ((f"metadata.{name}", value) for name, value in source.metadata.items())
    yield from flat_fields("policy.", source.policy.model_dump(mode="json", exclude_none=True))


def check_change(source: CreateSource, state: SourceState, change: SourceChange) -> None:
    """Refuse to change what is closed, to change nothing, or to give a link a policy that it cannot have."""
    check_disable(state)
    if not change.given:
        raise ApplicationError("nothing to change: give a label, metadata or a policy", type=NOTHING_TO_CHANGE)
    if source.kind is SourceKind.PAYLINK and change.policy is not None and change.policy.zeroconf is not None:
        message = "policy.zeroconf: a payment over Lightning has no ZeroConf offer; leave it out"
        raise ApplicationError(message, type=NOTHING_TO_CHANGE)


def check_disable(state: SourceState) -> None:
    """Refuse to disable what is closed already."""
    if state.is_closed:
        raise ApplicationError(f"it is closed: {state.phase.value}", type=SOURCE_CLOSED)


def check_source_resolution(state: SourceState, resolution: Resolution) -> None:
    """Refuse a resolution that names none of the open reasons, or leaves open which one it means."""
    check_disable(state)
    if resolution.close_as is not None:
        raise ApplicationError("close_as is for orders; disable it instead", type=SOURCE_CLOSED)
    check_reason(state.attentions, resolution)
