"""What the shop asks Baton for: once from an event loop, once from a thread."""

from dataclasses import dataclass
from decimal import Decimal

from temporalio import activity
from temporalio.exceptions import ApplicationError

from baton import (
    BatonClient,
    BlockingBatonClient,
    DepositProof,
    OrderRefused,
    OrderResult,
    Outcome,
    Placement,
    Standing,
)


@dataclass
class Invoice:
    """What a customer owes, in the smallest units of USDC on Base."""

    number: str
    amount: int
    recipient: str


@dataclass
class Receipt:
    """How the customer's payment ended."""

    outcome: str
    route: str | None
    paid: str | None
    delivered: int | None
    transaction: str | None


class PaymentActivities:
    """Payments of the shop through Baton."""

    def __init__(self, baton: BatonClient) -> None:
        self._baton = baton

    @activity.defn
    async def place_order(self, invoice: Invoice) -> str:
        """Return the deposit address of an invoice."""
        document = {
            "reference": invoice.number,
            "sourceChain": "base",
            "sourceAsset": "USDC",
            "destinationChain": "spark",
            "destinationAsset": "BTC",
            "amount": str(invoice.amount),
            "recipientAddress": invoice.recipient,
        }
        try:
            placed: Placement = await self._baton.place(document)
        except OrderRefused as error:
            ended = error.standing.outcome if error.standing else None
            raise ApplicationError(f"{error} ({ended})", type=error.code, non_retryable=True) from error
        address: str | None = placed.deposit_address
        if address is None:
            raise ApplicationError("the order has no deposit address")
        return address

    @activity.defn
    async def report_payment(self, invoice: Invoice, transaction: str) -> None:
        """Report the customer's payment."""
        standing: Standing = await self._baton.report_deposit(invoice.number, DepositProof(tx_hash=transaction))
        activity.logger.info("%s is %s", invoice.number, standing.phase.value)

    @activity.defn
    def wait_for_payment(self, invoice: Invoice) -> Receipt:
        """Return the receipt of an invoice once its order is over."""
        with BlockingBatonClient.connect() as baton:
            for snapshot in baton.watch(invoice.number, every=0.1):
                activity.logger.info("%s is %s", invoice.number, snapshot.phase.value)
            return receipt_of(baton.wait(invoice.number))


def receipt_of(result: OrderResult) -> Receipt:
    """Return the receipt that an order's result stands for."""
    units: Decimal | None = result.paid.units if result.paid else None
    return Receipt(
        outcome=Outcome(result.outcome).value,
        route=result.route,
        paid=f"{units} {result.paid.asset}" if result.paid and units is not None else None,
        delivered=result.delivered.amount if result.delivered else None,
        transaction=result.destination_tx_hash,
    )
