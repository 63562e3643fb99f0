"""One sale of the shop: the customer gets a deposit address, and the shop a receipt once the order is over."""

from datetime import timedelta

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.payment import Invoice, PaymentActivities, Receipt


@workflow.defn
class SaleWorkflow:
    """A sale from invoice to receipt."""

    def __init__(self) -> None:
        self._address: str | None = None
        self._transaction: str | None = None

    @workflow.query
    def address(self) -> str | None:
        """Return where the customer pays."""
        return self._address

    @workflow.signal
    def paid(self, transaction: str) -> None:
        """Take the hash of the customer's payment."""
        self._transaction = transaction

    @workflow.run
    async def run(self, invoice: Invoice) -> Receipt:
        """Place the order, report its payment and wait for its end."""
        self._address = await workflow.execute_activity_method(
            PaymentActivities.place_order, invoice, start_to_close_timeout=timedelta(seconds=60)
        )
        await workflow.wait_condition(lambda: self._transaction is not None)
        await workflow.execute_activity_method(
            PaymentActivities.report_payment,
            args=[invoice, self._transaction],
            start_to_close_timeout=timedelta(seconds=60),
        )
        return await workflow.execute_activity_method(
            PaymentActivities.wait_for_payment, invoice, start_to_close_timeout=timedelta(hours=24)
        )
