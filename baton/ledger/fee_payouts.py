"""The app fees that orders have paid, and what each affiliate earned by them."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Select, select, tuple_

from baton.ledger.database import Database
from baton.ledger.payment_schema import fee_payouts
from baton.ledger.prepared import run
from baton.ledger.rows import FeePayoutRow, columns_of
from baton.ledger.statements import upsert

PAGE = 2_000
"""Rows that are read at a time."""

_COLUMNS = tuple(fee_payouts.c[name] for name in FeePayoutRow.model_fields)
_KEY = tuple_(fee_payouts.c.order_id, fee_payouts.c.payout)


class FeePayouts:
    """The fees in a ledger; available as `Ledger.fee_payouts`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def record(self, rows: Sequence[FeePayoutRow]) -> None:
        """Write fees; one that is known is replaced.

        Raises:
            LedgerUnavailable: They could not be written.
        """
        await self._database.write(lambda connection: put_payouts(connection, rows))

    async def of_affiliate(self, account: str, affiliate_id: str) -> list[FeePayoutRow]:
        """Return every fee of an affiliate, ordered by its order.

        Raises:
            LedgerUnavailable: The ledger did not answer.
        """
        found: list[FeePayoutRow] = []
        while True:
            after = (found[-1].order_id, found[-1].payout) if found else ("", "")
            page = await self._database.read(_page(account, affiliate_id, after))
            found += [FeePayoutRow.model_validate(dict(row)) for row in page]
            if len(page) < PAGE:
                return found

    async def affiliates(self, account: str) -> list[str]:
        """Return the ids of the affiliates that have fees, in order.

        Raises:
            LedgerUnavailable: The ledger did not answer.
        """
        named = select(fee_payouts.c.affiliate_id).where(
            fee_payouts.c.account == account, fee_payouts.c.affiliate_id.is_not(None)
        )
        rows = await self._database.read(named.distinct().order_by(fee_payouts.c.affiliate_id))
        return [row["affiliate_id"] for row in rows]


def put_payouts(connection: Connection, rows: Sequence[FeePayoutRow]) -> None:
    """Write fees within a transaction; one that is known is replaced."""
    for row in rows:
        run(connection, upsert(connection.dialect.name, fee_payouts), columns_of(row))


def _page(account: str, affiliate_id: str, after: tuple[str, str]) -> Select[Any]:
    of_affiliate = (fee_payouts.c.account == account, fee_payouts.c.affiliate_id == affiliate_id)
    page = select(*_COLUMNS).where(*of_affiliate, after < _KEY)
    return page.order_by(fee_payouts.c.order_id, fee_payouts.c.payout).limit(PAGE)
