"""The ZeroConf offers that accounts accepted: sats credited before their deposit was confirmed."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Select, and_, delete, func, select

from baton.ledger.completeness import check_complete
from baton.ledger.database import Database
from baton.ledger.payment_schema import credits
from baton.ledger.rows import CreditRow
from baton.ledger.statements import insert_once, serialize


class Credits:
    """The accepted offers in a ledger; available as `Ledger.credits`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def total(self, account: str, since: datetime) -> int:
        """Return the sats that an account has credited before confirmation since a time.

        Raises:
            LedgerUnavailable: The ledger did not answer.
        """
        rows = await self._database.read(_total(account, since))
        return int(rows[0]["sats"])

    async def record(self, row: CreditRow) -> None:
        """Record an accepted offer; a repeat changes nothing.

        Raises:
            LedgerUnavailable: It could not be written.
        """
        await self._database.execute(insert_once(self._database.dialect, credits), row.model_dump())

    async def reserve(self, row: CreditRow, since: datetime, check: Callable[[int], None]) -> None:
        """Record an offer before it is accepted, if the account's other offers leave room for it.

        Of reservations at the same time, each one sees those before it. A repeat finds its row and changes nothing.

        Args:
            row: The offer.
            since: Start of the window in which the account's other offers count.
            check: Gets the sats of the other offers, and raises if there is no room; then nothing is recorded.

        Raises:
            LedgerIncomplete: The ledger does not have all of them; nothing is recorded.
            LedgerUnavailable: It could not be written.
        """

        def put(connection: Connection) -> None:
            check_complete(connection, self._database.name)
            serialize(connection, f"credits of {row.account}")
            is_reserved = select(credits.c.offer_id).where(_is(row.account, row.offer_id))
            if connection.scalar(is_reserved) is None:
                check(int(connection.scalar(_total(row.account, since)) or 0))
                connection.execute(insert_once(connection.dialect.name, credits), row.model_dump())

        await self._database.write(put)

    async def release(self, account: str, offer_id: str) -> None:
        """Remove an offer that was not accepted after all.

        Raises:
            LedgerUnavailable: It could not be written.
        """
        await self._database.execute(delete(credits).where(_is(account, offer_id)))


def _is(account: str, offer_id: str) -> ColumnElement[bool]:
    return and_(credits.c.account == account, credits.c.offer_id == offer_id)


def _total(account: str, since: datetime) -> Select[tuple[int]]:
    total = func.coalesce(func.sum(credits.c.sats), 0).label("sats")
    return select(total).where(credits.c.account == account, credits.c.credited_at >= since)
