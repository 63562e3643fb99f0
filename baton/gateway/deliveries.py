"""Records of webhook deliveries: one row in the ledger for each, and the fields that name one in the log."""

import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from baton.gateway.delivery_buffer import DeliveryBuffer
from baton.gateway.errors import TryLater
from baton.gateway.signals import NotHandedOver
from baton.ledger.errors import LedgerConflict, LedgerError, LedgerIncomplete
from baton.ledger.ledger import Ledger
from baton.ledger.rows import DeliveryRow
from baton.orchestra.bounds import MAX_TEXT
from baton.orchestra.models import WebhookEvent
from baton.orders.events import late_event
from baton.orders.observation import Observation
from baton.orders.record import late_fee_rows
from baton.process.logs import get_logger

_log = get_logger(__name__)


class DeliveryRecords:
    """The deliveries in a ledger, and those on their way there."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._buffer = DeliveryBuffer(ledger)

    async def wait_for_room(self) -> None:
        """Wait until one more delivery can be recorded.

        Raises:
            TryLater: It cannot at the moment.
        """
        await self._buffer.wait_for_room()

    async def flush(self) -> None:
        """Write what is still on its way, before the gateway stops."""
        await self._buffer.flush()

    async def record_unclaimed(self, delivery: DeliveryRow, detail: str | None = None) -> None:
        """Record a delivery that no order of ours claims: the record is its only trace.

        Raises:
            LedgerError: It could not be written.
        """
        await self._ledger.record_delivery(delivery.model_copy(update={"disposition": "unclaimed", "detail": detail}))

    async def record_late(self, delivery: DeliveryRow, event: WebhookEvent) -> None:
        """Record a delivery after its workflow closed, with the fees that it reports: the record is its only trace.

        Raises:
            LedgerError: It could not be written.
        """
        if fees := late_fee_rows(delivery.account, delivery.workflow_id or "", event.data):
            await self._ledger.fee_payouts.record(fees)
        await self._ledger.record_late(delivery, event.data.updated_at, late_event)

    async def record_handed_over(self, delivery: DeliveryRow) -> None:
        """Record a delivery that Temporal has, soon and together with others."""
        self._buffer.add(delivery)


def delivery_of(account: str, event: WebhookEvent, received_at: datetime, body: bytes = b"") -> DeliveryRow:
    """Return the row of a delivery whose workflow is not known yet; with its body if the order cannot carry it all."""
    cut = Observation.of_webhook(event).cut
    return DeliveryRow(
        account=account,
        order_id=event.data.id,
        quote_id=event.data.quote_id,
        event=event.event[:MAX_TEXT],
        status=event.data.status[:MAX_TEXT],
        event_timestamp=event.timestamp,
        received_at=received_at,
        disposition="handed_over",
        body=zlib.compress(body) if cut and body else None,
    )


@contextmanager
def outages_as_503(delivery: DeliveryRow) -> Iterator[None]:
    """Raise a failure of Temporal or the ledger as a 503, after which Orchestra delivers again.

    A `LedgerConflict` passes: it is no outage.
    """
    try:
        yield
    except LedgerConflict:
        raise
    except LedgerIncomplete as error:
        _log_not_handed_over(delivery, error)
        raise TryLater("ledger_incomplete", "the order may be one that the ledger does not have yet") from None
    except LedgerError as error:
        _log_not_handed_over(delivery, error)
        raise TryLater("ledger_unavailable", "the order's workflow cannot be looked up at the moment") from None
    except NotHandedOver as error:
        _log_not_handed_over(delivery, error)
        raise TryLater("not_handed_over", "the order's workflow cannot be reached at the moment") from None


def _log_not_handed_over(delivery: DeliveryRow, error: Exception) -> None:
    _log.warning("webhook not handed over", **log_fields(delivery), reason=str(error))


def log_fields(delivery: DeliveryRow) -> dict[str, str | None]:
    """Return the fields by which log lines name a delivery."""
    return {
        "account": delivery.account,
        "event_name": delivery.event,
        "order_id": delivery.order_id,
        "workflow_id": delivery.workflow_id,
    }
