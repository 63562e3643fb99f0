"""The payments that payers of onramps were asked for: a payment app limits what one payer sends within a window.

Each order has one payment, that of its newest invoice.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, and_, delete, not_, or_, select

from baton.ledger.completeness import check_complete
from baton.ledger.database import Database
from baton.ledger.payment_schema import payments
from baton.ledger.rows import PaymentRow
from baton.ledger.schema import orders
from baton.ledger.statements import insert_once, serialize, upsert

_UNPAID = ("expired", "unfulfilled", "cancelled")
"""Outcomes of unpaid orders, which do not count towards a payer's limit."""


class Payers:
    """The payments of a ledger; available as `Ledger.payers`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def record(self, row: PaymentRow) -> None:
        """Record what a payer was asked for; a repeat changes nothing.

        Raises:
            LedgerUnavailable: It could not be written.
        """
        await self._database.execute(insert_once(self._database.dialect, payments), row.model_dump())

    async def reserve(self, row: PaymentRow, since: datetime, check: Callable[[Sequence[PaymentRow]], None]) -> None:
        """Record what a payer is about to be asked for, if the payer's other payments leave room for it.

        Of reservations at the same time, each one sees those before it.

        Args:
            row: The payment; it replaces an earlier one of the same order.
            since: Start of the window in which the payer's other payments count.
            check: Gets the other payments, and raises if there is no room; then nothing is recorded.

        Raises:
            LedgerIncomplete: The ledger does not have all of them; nothing is recorded.
            LedgerUnavailable: It could not be written.
        """

        def put(connection: Connection) -> None:
            check_complete(connection, self._database.name)
            serialize(connection, f"payments of {row.payer} in {row.account}")
            others = connection.execute(_payments_since(row.account, row.payer, since, row.workflow_id)).mappings()
            check([PaymentRow.model_validate(dict(other)) for other in others])
            connection.execute(upsert(connection.dialect.name, payments), row.model_dump())

        await self._database.write(put)

    async def release(self, account: str, workflow_id: str) -> None:
        """Remove the payment of an order that Orchestra refused.

        Raises:
            LedgerUnavailable: It could not be written.
        """
        of_order = (payments.c.account == account, payments.c.workflow_id == workflow_id)
        await self._database.execute(delete(payments).where(*of_order))

    async def payments(self, account: str, payer: str, since: datetime, *, besides: str) -> list[PaymentRow]:
        """Return what a payer was asked for since a time, without orders that ended unpaid.

        Args:
            account: The partner account.
            payer: The business's id of the payer.
            since: Start of the window.
            besides: Workflow id of the order that asks, whose payments do not count.

        Raises:
            LedgerUnavailable: The ledger did not answer.
        """
        rows = await self._database.read(_payments_since(account, payer, since, besides))
        return [PaymentRow.model_validate(dict(row)) for row in rows]


def _payments_since(account: str, payer: str, since: datetime, besides: str) -> Select[Any]:
    of_payer = (payments.c.account == account, payments.c.payer == payer, payments.c.asked_at >= since)
    never_shown = and_(orders.c.outcome == "failed", orders.c.quote_id.is_(None))  # an order without an invoice
    maybe_paid = and_(orders.c.outcome.not_in(_UNPAID), not_(never_shown))
    joined = payments.outerjoin(orders, orders.c.workflow_id == payments.c.workflow_id)
    counts = or_(orders.c.outcome.is_(None), maybe_paid)
    query = select(payments).select_from(joined).where(*of_payer, counts, payments.c.workflow_id != besides)
    return query.order_by(payments.c.asked_at)
