"""What the client's calls for addresses and for pay links have in common."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ValidationError

from baton.arguments import filled, member
from baton.client_acts import ActingClient, Subject
from baton.errors import InvalidArgument
from baton.orders.order_source import SourceKind, source_name
from baton.sources.names import CHANGE, DISABLE, RESOLVE_SOURCE
from baton.sources.state import SourcePhase

if TYPE_CHECKING:
    from baton.orders.models import OrderPolicy
    from baton.orders.visibility import OrderLine
    from baton.sources.answers import SourceSnapshot
    from baton.sources.visibility import SourceLine
    from baton.temporal_orders import TemporalOrders
    from baton.temporal_sources import TemporalSources


class SourceClient(ActingClient):
    """The calls about addresses and links, by kind; a base of the client's own, which have the names and the words."""

    _orders: "TemporalOrders"
    _sources: "TemporalSources"

    async def _listed_sources(
        self, kind: SourceKind, account: str | None, phase: str | None, limit: int
    ) -> "list[SourceLine]":
        """Return sources, open ones first.

        Raises:
            InvalidArgument: There is no such phase, or the limit is below 1.
        """
        member("phase", phase, SourcePhase)
        if limit < 1:
            raise InvalidArgument("limit", f"is {limit}", "pass 1 or more")
        return await self._sources.lines(kind, limit, account, SourcePhase(phase) if phase else None)

    async def _orders_of(self, kind: SourceKind, reference: str, account: str, limit: int) -> "list[OrderLine]":
        """Return the orders that came of a source, open ones first."""
        return await self._orders.list_orders(limit, account=account, source=source_name(kind, reference))

    async def _changed_source(
        self,
        kind: SourceKind,
        reference: str,
        account: str,
        label: str | None,
        metadata: Mapping[str, str] | None,
        policy: Mapping[str, Any] | None,
    ) -> "SourceSnapshot":
        """Change a source and return it.

        Raises:
            InvalidArgument: A value does not fit, or there is none.
        """
        from baton.sources.change import SourceChangeDocument

        given = None if metadata is None else dict(metadata)
        change = filled(SourceChangeDocument, label=label, metadata=given, policy=_policy(policy))
        if not change.given:
            raise InvalidArgument("label, metadata and policy", "are all left out", "pass what changes")
        return await self._change_source(kind, reference, account, CHANGE, change)

    async def _disabled_source(self, kind: SourceKind, reference: str, account: str, reason: str) -> "SourceSnapshot":
        """Disable a source and return it."""
        from baton.sources.messages import DisableSource

        given = filled(DisableSource, reason=reason)
        return await self._change_source(kind, reference, account, DISABLE, given, note=reason)

    async def _resolved_source(
        self, kind: SourceKind, reference: str, account: str, note: str, reason: str | None
    ) -> "SourceSnapshot":
        """Clear an attention of a source with a note, and return the source."""
        from baton.orders.models import Resolution

        resolution = filled(Resolution, note=note, reason=reason, by=self._by)
        return await self._change_source(kind, reference, account, RESOLVE_SOURCE, resolution, note=note)

    async def _change_source(
        self, kind: SourceKind, reference: str, account: str, update: str, argument: BaseModel, note: str | None = None
    ) -> "SourceSnapshot":
        """Send an update to a source and record it."""
        call = self._sources.update(kind, reference, account, update, argument)
        return await self._act(update, Subject(kind, account, reference), call, note)


def _policy(document: Mapping[str, Any] | None) -> "OrderPolicy | None":
    from baton.sources.document import SourcePolicyDocument

    if document is None:
        return None
    try:
        return SourcePolicyDocument.model_validate(dict(document)).policy()
    except ValidationError as error:
        found = error.errors()[0]
        field = ".".join(str(part) for part in found["loc"])
        raise InvalidArgument("policy", f"{field}: {found['msg']}", "correct it and call again") from None
