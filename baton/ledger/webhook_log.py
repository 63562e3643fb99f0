"""The webhooks that came in: their deliveries, and what one said after its order's workflow had closed."""

import zlib
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import insert

from baton.ledger import statements, transactions
from baton.ledger.database import Database
from baton.ledger.rows import DeliveryRow
from baton.ledger.schema import deliveries


class WebhookLog:
    """The part of a ledger that records webhook deliveries."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def record_deliveries(self, rows: Sequence[DeliveryRow]) -> None:
        """Record webhook deliveries, in one transaction.

        Raises:
            LedgerUnavailable: They could not be written.
        """
        values = [row.model_dump(exclude={"id"}) for row in rows]
        if values:
            await self._database.write(lambda connection: connection.execute(insert(deliveries), values))

    async def record_delivery(self, row: DeliveryRow) -> None:
        """Record a webhook delivery. Each call adds a row.

        Raises:
            LedgerUnavailable: It could not be written.
        """
        await self.record_deliveries([row])

    async def record_late(
        self, row: DeliveryRow, at: datetime | None = None, make_event: transactions.MakeLateEvent | None = None
    ) -> bool:
        """Record a webhook that came after its workflow had closed, and its status if that is news.

        Args:
            row: The delivery, with its workflow. It is written as `late`.
            at: When the order reached that status (its `updatedAt`); else the event's own time, else its arrival.
            make_event: Makes the feed's event of a status that is news.

        Returns:
            Whether the status changed the order's timeline.

        Raises:
            ValueError: The delivery names no workflow.
            LedgerUnavailable: It could not be written.
        """
        late = transactions.late_transition(row, at)
        delivery = row.model_copy(update={"disposition": "late"})
        return await self._database.write(lambda inside: transactions.put_late(inside, delivery, late, make_event))

    async def deliveries(self, workflow_id: str | None = None, limit: int = 50) -> list[DeliveryRow]:
        """Return webhook deliveries, the last recorded first; at most 500.

        Raises:
            LedgerUnavailable: The ledger did not answer.
        """
        rows = await self._database.read(statements.delivery_page(workflow_id=workflow_id, limit=limit))
        return [DeliveryRow.model_validate(dict(row)) for row in rows]

    async def webhook_body(self, delivery_id: int) -> bytes | None:
        """Return the whole webhook of a delivery whose order carries only a part of it; None for all others.

        Raises:
            LedgerUnavailable: The ledger did not answer.
        """
        rows = await self._database.read(statements.body_of(delivery_id))
        return next((zlib.decompress(row["body"]) for row in rows if row["body"]), None)
