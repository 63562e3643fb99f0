"""The client's calls for reusable addresses."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from baton.arguments import filled
from baton.client_acts import Subject, of_order
from baton.client_sources import SourceClient
from baton.orders.address_deposit import RefundRequest
from baton.orders.names import REFUND_DEPOSIT
from baton.orders.order_source import SourceKind
from baton.sources.document import AddressDocument, read_address_document

if TYPE_CHECKING:
    from baton.orders.answers import Standing
    from baton.orders.visibility import OrderLine
    from baton.sources.answers import SourceSnapshot
    from baton.sources.visibility import SourceLine


class AddressClient(SourceClient):
    """Creates, shows, lists and disables reusable addresses; part of `BatonClient`."""

    async def create_address(self, document: AddressDocument | Mapping[str, Any]) -> "SourceSnapshot":
        """Create a reusable address and return it; creating the same again returns the same.

        Raises:
            DocumentError: The document is not valid; the text names the field.
            SourceRefused: Orchestra refused it (the code is its own), the reference belongs to another request
                (`reference_conflict`), or the address was disabled (`source_closed`).
            Unreachable: No answer in time; the address may exist, and creating it again is safe.
        """
        read = read_address_document(dict(document)) if isinstance(document, Mapping) else document
        return await self._sources.create(read.source())

    async def address(self, reference: str, account: str = "default") -> "SourceSnapshot":
        """Return a reusable address as it stands: what to pay, the terms that are fixed, what needs attention.

        Raises:
            SourceUnknown: No address has this reference.
        """
        return await self._sources.snapshot(SourceKind.ADDRESS, reference, account)

    async def addresses(
        self, *, account: str | None = None, phase: str | None = None, limit: int = 50
    ) -> "list[SourceLine]":
        """List reusable addresses, open ones first; for people, because the list is a moment behind.

        Args:
            account: Only those of this partner account.
            phase: Only those in this phase: `creating`, `enabled`, `disabled` or `refused`.
            limit: How many at most.

        Raises:
            InvalidArgument: There is no such phase, or the limit is below 1.
        """
        return await self._listed_sources(SourceKind.ADDRESS, account, phase, limit)

    async def address_deposits(self, reference: str, account: str = "default", *, limit: int = 50) -> "list[OrderLine]":
        """List the orders that came of deposits to an address, open ones first."""
        return await self._orders_of(SourceKind.ADDRESS, reference, account, limit)

    async def refund_deposit(
        self, reference: str, account: str = "default", *, note: str, refund_address: str | None = None
    ) -> "Standing":
        """Have Orchestra refund a deposit to a reusable address that it made no order of; return where the order is.

        Args:
            reference: Reference of the deposit's order.
            account: The partner account.
            note: Why, 1 to 1000 characters.
            refund_address: Where the money goes; the address's own refund address if left out.

        Raises:
            OrderRefused: Orchestra refused it (`refund_refused`), or there is nothing to refund (`nothing_to_refund`).
            OrderUnknown: There is no such order.
            Unreachable: No answer in time; asking again is safe.
        """
        request = filled(RefundRequest, note=note, refund_address=refund_address, by=self._by)
        call = self._orders.update(reference, account, REFUND_DEPOSIT, request)
        return await self._act(REFUND_DEPOSIT, of_order(account, reference), call, note)

    async def update_address(
        self,
        reference: str,
        account: str = "default",
        *,
        label: str | None = None,
        metadata: Mapping[str, str] | None = None,
        policy: Mapping[str, Any] | None = None,
    ) -> "SourceSnapshot":
        """Change what Baton keeps of an address; orders that are made afterwards carry it. Orchestra's terms stay.

        Args:
            reference: The address's reference.
            account: The partner account.
            label: The new label; Orchestra keeps the one of the creation.
            metadata: All entries; those that are not named are gone.
            policy: The whole policy, as in the document of the creation.

        Raises:
            InvalidArgument: A value does not fit, or all are left out.
            SourceRefused: It is disabled (`source_closed`), or cannot have this policy.
            SourceUnknown: No address has this reference.
        """
        return await self._changed_source(SourceKind.ADDRESS, reference, account, label, metadata, policy)

    async def enable_address(self, reference: str, account: str = "default") -> "SourceSnapshot":
        """Enable a disabled standing address again; deposits that were held because of that may become orders.

        Raises:
            SourceRefused: It is of another type, or Orchestra refused (`not_enabled`).
            SourceUnknown: No address has this reference.
            Unreachable: No answer in time; enabling it again is safe.
        """
        call = self._sources.enable(reference, account)
        return await self._act("enable", Subject(SourceKind.ADDRESS, account, reference), call)

    async def disable_address(
        self, reference: str, account: str = "default", *, reason: str = "disabled by the business"
    ) -> "SourceSnapshot":
        """Disable a reusable address: no further deposit becomes an order. Only a standing one can be enabled again.

        Raises:
            SourceRefused: It is disabled already (`source_closed`), or Orchestra refused (`not_disabled`).
            SourceUnknown: No address has this reference.
            Unreachable: No answer in time; the address will be disabled once Orchestra answers.
        """
        return await self._disabled_source(SourceKind.ADDRESS, reference, account, reason)

    async def resolve_address(
        self, reference: str, account: str = "default", *, note: str, reason: str | None = None
    ) -> "SourceSnapshot":
        """Record what was done about an attention of an address; the same finding is not raised again.

        Args:
            reference: The address's reference.
            account: The partner account.
            note: What was found and done, 1 to 1000 characters.
            reason: The attention that is resolved; may be left out if there is only one.
        """
        return await self._resolved_source(SourceKind.ADDRESS, reference, account, note, reason)
