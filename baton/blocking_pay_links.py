"""The blocking client's calls for pay links."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from baton.blocking_addresses import CallThread
from baton.client_pay_links import PayLinkClient
from baton.sources.pay_link_document import PayLinkDocument

if TYPE_CHECKING:
    from baton.orders.visibility import OrderLine
    from baton.sources.answers import SourceSnapshot
    from baton.sources.visibility import SourceLine


class BlockingPayLinkClient:
    """Pay links for code without an event loop; part of `BlockingBatonClient`."""

    def __init__(self, client: PayLinkClient, thread: CallThread) -> None:
        self._pay_link_client = client
        self._link_calls = thread

    def create_pay_link(self, document: PayLinkDocument | Mapping[str, Any]) -> "SourceSnapshot":
        """Create a pay link and return it; creating the same again returns the same.

        Raises:
            DocumentError: The document is not valid; the text names the field.
            SourceRefused: Orchestra refused it (the code is its own), the reference belongs to another request
                (`reference_conflict`), or the link was disabled (`source_closed`).
            Unreachable: No answer in time; the link may exist, and creating it again is safe.
        """
        return self._link_calls.run(self._pay_link_client.create_pay_link(document))

    def pay_link(self, reference: str, account: str = "default") -> "SourceSnapshot":
        """Return a pay link as it stands: the URL to share, the terms that are fixed, what needs attention.

        Raises:
            SourceUnknown: No link has this reference.
        """
        return self._link_calls.run(self._pay_link_client.pay_link(reference, account))

    def pay_links(self, *, account: str | None = None, phase: str | None = None, limit: int = 50) -> "list[SourceLine]":
        """List pay links, open ones first; for people, because the list is a moment behind.

        Args:
            account: Only those of this partner account.
            phase: Only those in this phase: `creating`, `enabled`, `disabled` or `refused`.
            limit: How many at most.

        Raises:
            InvalidArgument: There is no such phase, or the limit is below 1.
        """
        return self._link_calls.run(self._pay_link_client.pay_links(account=account, phase=phase, limit=limit))

    def pay_link_orders(self, reference: str, account: str = "default", *, limit: int = 50) -> "list[OrderLine]":
        """List the orders that came of visits of a link, open ones first."""
        return self._link_calls.run(self._pay_link_client.pay_link_orders(reference, account, limit=limit))

    def update_pay_link(
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
        call = self._pay_link_client.update_pay_link(reference, account, label=label, metadata=metadata, policy=policy)
        return self._link_calls.run(call)

    def disable_pay_link(
        self, reference: str, account: str = "default", *, reason: str = "disabled by the business"
    ) -> "SourceSnapshot":
        """Disable a pay link: no further visit makes an order. Orders that it made go on; it cannot be enabled again.

        Raises:
            SourceRefused: It is disabled already (`source_closed`), or Orchestra refused (`not_disabled`).
            SourceUnknown: No link has this reference.
            Unreachable: No answer in time; the link will be disabled once Orchestra answers.
        """
        return self._link_calls.run(self._pay_link_client.disable_pay_link(reference, account, reason=reason))

    def resolve_pay_link(
        self, reference: str, account: str = "default", *, note: str, reason: str | None = None
    ) -> "SourceSnapshot":
        """Record what was done about an attention of a link; the same finding is not raised again.

        Args:
            reference: The link's reference.
            account: The partner account.
            note: What was found and done, 1 to 1000 characters.
            reason: The attention that is resolved; may be left out if there is only one.
        """
        return self._link_calls.run(
            self._pay_link_client.resolve_pay_link(reference, account, note=note, reason=reason)
        )
