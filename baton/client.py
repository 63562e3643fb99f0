"""The client for business apps: place orders, report deposits, follow them to their end.

from baton import BatonClient

baton = await BatonClient.connect()
placed = await baton.place({"reference": "invoice-42", "sourceChain": "base", ...})
print(placed.deposit_address)
result = await baton.wait("invoice-42")
"""

import asyncio
from collections.abc import AsyncGenerator, Collection, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Self

from pydantic import BaseModel

from baton.arguments import filled, instance, member
from baton.client_acts import of_order
from baton.client_addresses import AddressClient
from baton.client_affiliates import AffiliateClient
from baton.client_bulks import BulkClient
from baton.client_holds import HoldClient
from baton.client_pay_links import PayLinkClient
from baton.errors import DocumentError, InvalidArgument, Unreachable
from baton.orchestra.proofs import DepositProof
from baton.orders.adoption import Adoption, AdoptOrder
from baton.orders.amounts import AssetAmount
from baton.orders.answers import OrderResult, Placement, RefundResult, Snapshot, Standing
from baton.orders.document import OrderDocument, read_document
from baton.orders.models import CloseByHand, Outcome, Phase, Resolution
from baton.orders.names import (
    CANCEL,
    CLOSE_BY_HAND,
    DECIDE_REPRICE,
    DECIDE_ZEROCONF,
    REFRESH,
    REPORT_DEPOSIT,
    RESOLVE,
)
from baton.orders.reports import BusinessDecision, RepriceDecision
from baton.orders.state import DepositReport, RequestedBy

if TYPE_CHECKING:
    from temporalio.client import Client

    from baton.orders.visibility import OrderLine

PATIENCE = timedelta(seconds=60)
"""How long a call waits for a worker's answer; after that Temporal still keeps the request."""


class BatonClient(AddressClient, PayLinkClient, AffiliateClient, HoldClient, BulkClient):
    """A business app's way to its orders, its addresses, its pay links, its affiliates, its holds and its bulks.

    Args:
        temporal: A Temporal client with the pydantic data converter; `connect` makes one from the environment.
        patience: How long each call waits for an answer.
        by: Who calls, for the record of acts; orders keep it with what is done to them, too.
    """

    def __init__(self, temporal: "Client", patience: timedelta = PATIENCE, by: str | None = None) -> None:
        # Not at the top: importing Baton should not take the time that loading Temporal's client takes.
        from baton.temporal_acts import ActRecorder
        from baton.temporal_adoption import TemporalAdoption
        from baton.temporal_affiliates import TemporalAffiliates
        from baton.temporal_bulks import TemporalBulks
        from baton.temporal_holds import TemporalHolds
        from baton.temporal_orders import TemporalOrders
        from baton.temporal_sources import TemporalSources

        self._orders = TemporalOrders(temporal, patience)
        self._sources = TemporalSources(temporal, patience)
        self._affiliates = TemporalAffiliates(temporal, patience)
        self._adopter = TemporalAdoption(temporal, patience)
        self._acts = ActRecorder(temporal, by)
        self._bulks = TemporalBulks(temporal, patience)
        self._holds = TemporalHolds(temporal, patience)
        self._by = by

    @classmethod
    async def connect(cls, *, patience: timedelta = PATIENCE, by: str | None = None) -> Self:
        """Connect to the Temporal server that the `TEMPORAL_*` variables name.

        Args:
            patience: How long each call waits for an answer.
            by: Who calls, for the record of acts.

        Raises:
            Unreachable: Temporal does not answer; the text names the address and the remedy.
        """
        from baton.temporal import TemporalUnavailable, connect

        try:
            return cls(await connect(), patience, by)
        except TemporalUnavailable as error:
            raise Unreachable(error.code, error.message, error.remedy) from None

    async def place(self, document: OrderDocument | Mapping[str, Any]) -> Placement:
        """Place an order and return where to deposit; placing it again while it is open returns the same.

        Raises:
            DocumentError: The document is not valid; the text names the field.
            OrderRefused: There is nothing to pay: Orchestra gave no quote (the code is its own), the order is closed
                already (`order_closed`), or the reference belongs to another request (`reference_conflict`).
            Unreachable: No answer in time; the order may be under way, and placing it again is safe.
        """
        if not isinstance(document, OrderDocument | Mapping):
            raise DocumentError(f"the order is a {type(document).__name__}; write it as a dict of its fields")
        checked = document if isinstance(document, OrderDocument) else read_document(dict(document))
        return await self._orders.place(checked.order().model_copy(update={"placed_by": self._by}))

    async def snapshot(self, reference: str, account: str = "default") -> Snapshot:
        """Return the order as it stands, open or closed, from its workflow."""
        return await self._orders.snapshot(reference, account)

    async def watch(
        self, reference: str, account: str = "default", *, every: float = 0.5
    ) -> AsyncGenerator[Snapshot, None]:
        """Yield the order's snapshot now and after each change, until it is closed.

        Args:
            reference: The order's reference.
            account: The partner account.
            every: Seconds between two polls.

        Raises:
            OrderRefused: The order's workflow ended without an outcome (`order_broken`), for instance because somebody
                terminated it. The last snapshot says how: `interrupted`.
        """
        previous: Snapshot | None = None
        while previous is None or previous.outcome is None:
            snapshot = await self.snapshot(reference, account)
            if snapshot != previous:
                yield snapshot
            self._orders.require_followed(snapshot)
            previous = snapshot
            if snapshot.outcome is None:
                await asyncio.sleep(every)

    async def report_deposit(
        self, reference: str, proof: DepositProof, account: str = "default", *, quote_id: str | None = None
    ) -> Standing:
        """Report the payer's deposit; `quote_id` names an older quote, if the deposit went to its address."""
        proof = instance("proof", proof, DepositProof, "DepositProof(tx_hash='0x...')")
        report = filled(DepositReport, proof=proof, quote_id=quote_id, by=self._by)
        return await self._orders.update(reference, account, REPORT_DEPOSIT, report)

    async def refresh(self, reference: str, account: str = "default", *, note: str | None = None) -> Standing:
        """Read the order at Orchestra now; `note` says why, for the record."""
        return await self._change(reference, account, REFRESH, *self._requested(note), note=note)

    async def cancel(self, reference: str, account: str = "default", *, note: str | None = None) -> Standing:
        """Cancel an order while no deposit is known; `note` says why, for the record."""
        return await self._change(reference, account, CANCEL, *self._requested(note), note=note)

    async def decide_zeroconf(
        self, reference: str, account: str = "default", *, accept: bool, reason: str | None = None
    ) -> Standing:
        """Answer the pending ZeroConf offer; the first answer counts."""
        decision = filled(BusinessDecision, accept=accept, reason=reason, by=self._by)
        return await self._change(reference, account, DECIDE_ZEROCONF, decision, note=reason)

    async def decide_reprice(self, reference: str, decision: RepriceDecision, account: str = "default") -> Standing:
        """Answer the pending repricing: approve it down to a minimum, reject it, or have the deposit refunded."""
        example = "RepriceDecision(action=RepriceAction.APPROVE)"
        checked = instance("decision", decision, RepriceDecision, example)
        named = checked.model_copy(update={"by": self._by})
        return await self._change(reference, account, DECIDE_REPRICE, named, note=named.reason)

    async def resolve(
        self,
        reference: str,
        account: str = "default",
        *,
        note: str,
        reason: str | None = None,
        close_as: Outcome | None = None,
        despite: Collection[str] = (),
    ) -> Standing:
        """Record what was done about an attention, also after the order's end.

        Args:
            reference: The order's reference.
            account: The partner account.
            note: What was found and done, 1 to 1000 characters.
            reason: The attention that is resolved; may be left out if there is only one.
            close_as: Closes the order with this outcome, which resolves all.
            despite: With `close_as`, the money under way that is known, by the ids that the refusal names.
        """
        resolution = filled(Resolution, note=note, reason=reason, close_as=close_as, despite=list(despite), by=self._by)
        return await self._change(reference, account, RESOLVE, resolution, note=note)

    async def close_by_hand(
        self,
        reference: str,
        account: str = "default",
        *,
        outcome: Outcome,
        note: str,
        despite: Collection[str] = (),
    ) -> Standing:
        """Close an order whose end Orchestra will never report; what still comes is handled as late money.

        Args:
            reference: The order's reference.
            account: The partner account.
            outcome: How it ended, by what the operator found.
            note: What was found and done, 1 to 1000 characters.
            despite: The money under way that the operator knows of, by the ids that the refusal names.

        Raises:
            OrderRefused: Money is under way that `despite` does not name (`money_under_way`), or it has ended already.
        """
        request = filled(CloseByHand, outcome=outcome, note=note, despite=list(despite), by=self._by)
        return await self._change(reference, account, CLOSE_BY_HAND, request, note=note)

    async def adopt(self, order_id: str, account: str = "default", *, note: str | None = None) -> Adoption:
        """Follow an order of Orchestra that Baton does not follow, or say which workflow follows it.

        Args:
            order_id: Orchestra's id of the order.
            account: The partner account.
            note: Why, for the record.

        Raises:
            OrderRefused: Orchestra has no such order in this account (`order_not_at_orchestra`).
            Unreachable: No answer in time; asking again is safe.
        """
        call = filled(AdoptOrder, account=account, order_id=order_id)
        return await self._act("adopt", of_order(account, order_id), self._adopter.adopt(call), note)

    async def _change(
        self, reference: str, account: str, update: str, *arguments: BaseModel, note: str | None
    ) -> Standing:
        """Send an update that an operator or the business decided on, and record it."""
        call = self._orders.update(reference, account, update, *arguments)
        return await self._act(update, of_order(account, reference), call, note)

    def _requested(self, note: str | None) -> list[RequestedBy]:
        """Return the argument of updates that have no other; without a name there is none."""
        return [filled(RequestedBy, by=self._by, note=note)] if self._by else []

    async def wait(self, reference: str, account: str = "default") -> OrderResult:
        """Wait for the order's end, however long that takes.

        Raises:
            OrderRefused: The workflow ended without a result, for instance because somebody terminated it.
        """
        return _with_decimals(await self._orders.result(reference, account))

    async def list_orders(
        self,
        *,
        account: str | None = None,
        phase: str | None = None,
        outcome: str | None = None,
        attention: bool | None = None,
        source: str | None = None,
        limit: int = 50,
    ) -> "list[OrderLine]":
        """List orders, open ones first; for people, because the list is a moment behind the orders.

        Args:
            account: Only those of this partner account.
            phase: Only those in this phase.
            outcome: Only those with this outcome.
            attention: Only those that need a person (True), or only the others (False).
            source: Only those that came of this reusable address or pay link; its reference, or `address/REF` or
                `paylink/REF` where both have that reference.
            limit: How many at most.

        Raises:
            InvalidArgument: There is no such phase or outcome, or the limit is below 1.
        """
        member("phase", phase, Phase)
        member("outcome", outcome, Outcome)
        if limit < 1:
            raise InvalidArgument("limit", f"is {limit}", "pass 1 or more")
        wanted = {"account": account, "phase": phase, "outcome": outcome, "attention": attention, "source": source}
        return await self._orders.list_orders(limit, **wanted)

    async def attended_orders(self, workflow_ids: Collection[str] | None = None) -> set[str]:
        """Return the ended orders that still need a person, by their workflow ids.

        Args:
            workflow_ids: Only among these; None for all.
        """
        return await self._orders.attended(workflow_ids)


def _with_decimals(result: OrderResult) -> OrderResult:
    """Return a result of an older version with the decimals that the shipped catalogue knows."""
    from baton.chains.decimals import decimals_of

    changes: dict[str, Any] = {}
    for name in ("paid", "delivered", "refund"):
        amount: AssetAmount | RefundResult | None = getattr(result, name)
        if amount and amount.decimals is None and amount.chain and amount.asset:
            decimals = decimals_of(amount.chain, amount.asset)
            changes[name] = amount.model_copy(update={"decimals": decimals})
    return result.model_copy(update=changes)
