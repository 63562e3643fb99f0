"""The payments that payers of onramps were asked for: a payment app limits what one payer sends within a window."""

from datetime import datetime
from typing import Any

from sqlalchemy import Select, or_, select

from baton.ledger.database import Database
from baton.ledger.rows import PaymentRow
from baton.ledger.schema import orders, payments
from baton.ledger.statements import insert_once

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
        await self._database.execute(insert_once(self._database.dialect, payments, row.model_dump()))

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
    paid_or_open = or_(orders.c.outcome.is_(None), orders.c.outcome.not_in(_UNPAID))
    joined = payments.outerjoin(orders, orders.c.workflow_id == payments.c.workflow_id)
    query = select(payments).select_from(joined).where(*of_payer, paid_or_open, payments.c.workflow_id != besides)
    return query.order_by(payments.c.asked_at)
