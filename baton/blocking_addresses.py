"""The blocking client's calls for reusable addresses."""

from collections.abc import Coroutine, Mapping
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from baton.client_addresses import AddressClient
from baton.sources.document import AddressDocument

if TYPE_CHECKING:
    from baton.orders.answers import Standing
    from baton.orders.visibility import OrderLine
    from baton.sources.answers import SourceSnapshot
    from baton.sources.visibility import SourceLine


T = TypeVar("T")


class CallThread(Protocol):
    """Runs calls in an event loop of its own."""

    def run(self, call: Coroutine[Any, Any, T]) -> T:
        """Run a call and return its result."""
        ...


class BlockingAddressClient:
    """Reusable addresses for code without an event loop; part of `BlockingBatonClient`."""

    def __init__(self, client: AddressClient, thread: CallThread) -> None:
        self._address_client = client
        self._calls = thread

    def create_address(self, document: AddressDocument | Mapping[str, Any]) -> "SourceSnapshot":
        """Create a reusable address and return it; creating the same again returns the same.

        Raises:
            DocumentError: The document is not valid; the text names the field.
            SourceRefused: Orchestra refused it (the code is its own), the reference belongs to another request
                (`reference_conflict`), or the address was disabled (`source_closed`).
            Unreachable: No answer in time; the address may exist, and creating it again is safe.
        """
        return self._calls.run(self._address_client.create_address(document))

    def address(self, reference: str, account: str = "default") -> "SourceSnapshot":
        """Return a reusable address as it stands: what to pay, the terms that are fixed, what needs attention.

        Raises:
            SourceUnknown: No address has this reference.
        """
        return self._calls.run(self._address_client.address(reference, account))

    def addresses(self, *, account: str | None = None, phase: str | None = None, limit: int = 50) -> "list[SourceLine]":
        """List reusable addresses, open ones first; for people, because the list is a moment behind.

        Args:
            account: Only those of this partner account.
            phase: Only those in this phase: `creating`, `enabled`, `disabled` or `refused`.
            limit: How many at most.

        Raises:
            InvalidArgument: There is no such phase, or the limit is below 1.
        """
        return self._calls.run(self._address_client.addresses(account=account, phase=phase, limit=limit))

    def address_deposits(self, reference: str, account: str = "default", *, limit: int = 50) -> "list[OrderLine]":
        """List the orders that came of deposits to an address, open ones first."""
        return self._calls.run(self._address_client.address_deposits(reference, account, limit=limit))

    def refund_deposit(
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
        call = self._address_client.refund_deposit(reference, account, note=note, refund_address=refund_address)
        return self._calls.run(call)

    def update_address(
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
        call = self._address_client.update_address(reference, account, label=label, metadata=metadata, policy=policy)
        return self._calls.run(call)

    def enable_address(self, reference: str, account: str = "default") -> "SourceSnapshot":
        """Enable a disabled standing address again; deposits that were held because of that may become orders.

        Raises:
            SourceRefused: It is of another type, or Orchestra refused (`not_enabled`).
            SourceUnknown: No address has this reference.
            Unreachable: No answer in time; enabling it again is safe.
        """
        return self._calls.run(self._address_client.enable_address(reference, account))

    def disable_address(
        self, reference: str, account: str = "default", *, reason: str = "disabled by the business"
    ) -> "SourceSnapshot":
        """Disable a reusable address: no further deposit becomes an order. Only a standing one can be enabled again.

        Raises:
            SourceRefused: It is disabled already (`source_closed`), or Orchestra refused (`not_disabled`).
            SourceUnknown: No address has this reference.
            Unreachable: No answer in time; the address will be disabled once Orchestra answers.
        """
        return self._calls.run(self._address_client.disable_address(reference, account, reason=reason))

    def resolve_address(
        self, reference: str, account: str = "default", *, note: str, reason: str | None = None
    ) -> "SourceSnapshot":
        """Record what was done about an attention of an address; the same finding is not raised again.

        Args:
            reference: The address's reference.
            account: The partner account.
            note: What was found and done, 1 to 1000 characters.
            reason: The attention that is resolved; may be left out if there is only one.
        """
        return self._calls.run(self._address_client.resolve_address(reference, account, note=note, reason=reason))
