"""The shop's workflow: one sale, from the payer's order to the parcel. It knows Baton by an endpoint's name alone."""

import asyncio
from datetime import timedelta

from pydantic import BaseModel
from temporalio import activity, workflow
from temporalio.exceptions import NexusOperationError

with workflow.unsafe.imports_passed_through():
    from baton import OrderResult, Outcome, Placement
    from baton.nexus.refusals import refusal_of
    from baton.nexus.service import ENDPOINT, BatonService, OrderKey


class Sale(BaseModel):
    """What is sold, and where the shop wants to be paid."""

    id: str
    item: str
    usdc: int
    """The price in smallest units of USDC, six decimals."""
    spark_address: str
    """Where the shop gets the bitcoin."""

    def order(self) -> dict[str, str]:
        """Return the order document; the sale's id is its reference, so a sale is never ordered twice."""
        return {
            "reference": self.id,
            "sourceChain": "base",
            "sourceAsset": "USDC",
            "destinationChain": "spark",
            "destinationAsset": "BTC",
            "amount": str(self.usdc),
            "recipientAddress": self.spark_address,
        }


class Receipt(BaseModel):
    """How the sale ended."""

    shipped: bool
    why: str


@workflow.defn
class SaleWorkflow:
    """One sale of the shop."""

    def __init__(self) -> None:
        self._pay: Placement | None = None
        self._showing: asyncio.Task[None] | None = None

    @workflow.run
    async def run(self, sale: Sale) -> Receipt:
        """Have the payer pay through Baton, then ship; nothing is shipped for an order that did not complete."""
        baton = workflow.create_nexus_client(service=BatonService, endpoint=ENDPOINT)
        try:
            ordering = await baton.start_operation(BatonService.place_order, sale.order(), summary=sale.item)
            self._showing = asyncio.create_task(self._show_payment(baton, sale))
            return await self._ship_if_paid(sale, await ordering)
        except NexusOperationError as error:
            if refusal := refusal_of(error):
                return Receipt(shipped=False, why=f"{refusal.code}: {refusal.message}")
            raise

    async def _show_payment(self, baton: workflow.NexusClient[BatonService], sale: Sale) -> None:
        """Learn where to deposit, beside the wait for the order's end: a cancelled sale then cancels its order."""
        self._pay = await baton.execute_operation(BatonService.placement, OrderKey(reference=sale.id))

    async def _ship_if_paid(self, sale: Sale, result: OrderResult) -> Receipt:
        if result.outcome is not Outcome.COMPLETED:
            return Receipt(shipped=False, why=f"the order ended as {result.outcome}")
        await workflow.execute_activity(ship, sale, start_to_close_timeout=timedelta(minutes=1))
        return Receipt(shipped=True, why=f"paid with {result.destination_tx_hash}")

    @workflow.query
    def payment(self) -> Placement | None:
        """Return what the shop's page shows the payer: how much of what to which address; None until that is known."""
        return self._pay


@activity.defn
async def ship(sale: Sale) -> None:
    """Send the parcel."""
    activity.logger.info("shipped %s", sale.item)
