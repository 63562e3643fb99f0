"""The client's calls for pay links."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from baton.client_sources import SourceClient
from baton.orders.order_source import SourceKind
from baton.sources.pay_link_document import PayLinkDocument, read_pay_link_document

if TYPE_CHECKING:
    from baton.orders.visibility import OrderLine
    from baton.sources.answers import SourceSnapshot
    from baton.sources.visibility import SourceLine


class PayLinkClient(SourceClient):
    """Creates, shows, lists and disables pay links; part of `BatonClient`."""

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
        return await self._listed_sources(SourceKind.PAYLINK, account, phase, limit)

    async def pay_link_orders(self, reference: str, account: str = "default", *, limit: int = 50) -> "list[OrderLine]":
        """List the orders that came of visits of a link, open ones first."""
        return await self._orders_of(SourceKind.PAYLINK, reference, account, limit)

    async def update_pay_link(
        self,
        reference: str,
        account: str = "default",
        *,
        label: str | None = None,
        metadata: Mapping[str, str] | None = None,
        policy: Mapping[str, Any] | None = None,
    ) -> "SourceSnapshot":
        """Change what Baton keeps of a link; orders that are made afterwards carry it. Orchestra's terms stay.

        Args:
            reference: The link's reference.
            account: The partner account.
            label: The new label; Orchestra keeps the one of the creation.
            metadata: All entries; those that are not named are gone.
            policy: The whole policy, as in the document of the creation.

        Raises:
            InvalidArgument: A value does not fit, or all are left out.
            SourceRefused: It is disabled (`source_closed`), or cannot have this policy.
            SourceUnknown: No link has this reference.
        """
        return await self._changed_source(SourceKind.PAYLINK, reference, account, label, metadata, policy)

    async def disable_pay_link(
        self, reference: str, account: str = "default", *, reason: str = "disabled by the business"
    ) -> "SourceSnapshot":
        """Disable a pay link: no further visit makes an order. Orders that it made go on; it cannot be enabled again.

        Raises:
            SourceRefused: It is disabled already (`source_closed`), or Orchestra refused (`not_disabled`).
            SourceUnknown: No link has this reference.
            Unreachable: No answer in time; the link will be disabled once Orchestra answers.
        """
        return await self._disabled_source(SourceKind.PAYLINK, reference, account, reason)

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
        return await self._resolved_source(SourceKind.PAYLINK, reference, account, note, reason)
