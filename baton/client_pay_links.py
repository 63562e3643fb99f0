"""The client's calls for pay links."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from baton.arguments import filled, member
from baton.errors import InvalidArgument
from baton.orders.order_source import SourceKind, source_name
from baton.sources.names import DISABLE, RESOLVE_SOURCE
from baton.sources.pay_link_document import PayLinkDocument, read_pay_link_document
from baton.sources.state import SourcePhase

if TYPE_CHECKING:
    from baton.orders.visibility import OrderLine
    from baton.sources.answers import SourceSnapshot
    from baton.sources.visibility import SourceLine
    from baton.temporal_orders import TemporalOrders
    from baton.temporal_sources import TemporalSources


class PayLinkClient:
    """Creates, shows, lists and disables pay links; part of `BatonClient`."""

    _orders: "TemporalOrders"
    _sources: "TemporalSources"

    async def create_pay_link(self, document: PayLinkDocument | Mapping[str, Any]) -> "SourceSnapshot":
        """Create a pay link and return it; creating the same again returns the same.

        Raises:
            DocumentError: The document is not valid; the text names the field.
            SourceRefused: Orchestra refused it (the code is its own), the reference belongs to another request
                (`reference_conflict`), or the link was disabled (`source_closed`).
            Unreachable: No answer in time; the link may exist, and creating it again is safe.
        """
        read = read_pay_link_document(dict(document)) if isinstance(document, Mapping) else document
        return await self._sources.create(read.source())

    async def pay_link(self, reference: str, account: str = "default") -> "SourceSnapshot":
        """Return a pay link as it stands: the URL to share, the terms that are fixed, what needs attention.

        Raises:
            SourceUnknown: No link has this reference.
        """
        return await self._sources.snapshot(SourceKind.PAYLINK, reference, account)

    async def pay_links(
        self, *, account: str | None = None, phase: str | None = None, limit: int = 50
    ) -> "list[SourceLine]":
        """List pay links, open ones first; for people, because the list is a moment behind.

        Args:
            account: Only those of this partner account.
            phase: Only those in this phase: `creating`, `enabled`, `disabled` or `refused`.
            limit: How many at most.

        Raises:
            InvalidArgument: There is no such phase, or the limit is below 1.
        """
        member("phase", phase, SourcePhase)
        if limit < 1:
            raise InvalidArgument("limit", f"is {limit}", "pass 1 or more")
        return await self._sources.lines(SourceKind.PAYLINK, limit, account, SourcePhase(phase) if phase else None)

    async def pay_link_orders(self, reference: str, account: str = "default", *, limit: int = 50) -> "list[OrderLine]":
        """List the orders that came of visits of a link, open ones first."""
        source = source_name(SourceKind.PAYLINK, reference)
        return await self._orders.list_orders(limit, account=account, source=source)

    async def disable_pay_link(
        self, reference: str, account: str = "default", *, reason: str = "disabled by the business"
    ) -> "SourceSnapshot":
        """Disable a pay link: no further visit makes an order. Orders that it made go on; it cannot be enabled again.

        Raises:
            SourceRefused: It is disabled already (`source_closed`), or Orchestra refused (`not_disabled`).
            SourceUnknown: No link has this reference.
            Unreachable: No answer in time; the link will be disabled once Orchestra answers.
        """
        from baton.sources.messages import DisableSource

        return await self._sources.update(
            SourceKind.PAYLINK, reference, account, DISABLE, filled(DisableSource, reason=reason)
        )

    async def resolve_pay_link(
        self, reference: str, account: str = "default", *, note: str, reason: str | None = None
    ) -> "SourceSnapshot":
        """Record what was done about an attention of a link; the same finding is not raised again.

        Args:
            reference: The link's reference.
            account: The partner account.
            note: What was found and done, 1 to 1000 characters.
            reason: The attention that is resolved; may be left out if there is only one.
        """
        from baton.orders.models import Resolution

        resolution = filled(Resolution, note=note, reason=reason)
        return await self._sources.update(SourceKind.PAYLINK, reference, account, RESOLVE_SOURCE, resolution)
