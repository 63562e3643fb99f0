"""`POST /webhooks/orchestra/{account}`: a signed event in, a signal out, and 2xx only once Temporal has it.

The order of the steps is the safety: bound the body, verify its raw bytes, only then parse it, find the workflow, hand
over, answer. What cannot be done now is answered 503, and Orchestra delivers again for more than a day.
"""

import asyncio
from collections.abc import Coroutine, Mapping
from datetime import UTC, datetime
from typing import Any

from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from baton.gateway.adoption import Adopter, UnknownOrders, adopted_workflow_id, carries_news, is_another_order
from baton.gateway.body import read_body
from baton.gateway.coalescer import Coalescer
from baton.gateway.errors import EdgeError, TryLater
from baton.gateway.signals import NotHandedOver, WorkflowGone
from baton.ledger.errors import LedgerConflict, LedgerError
from baton.ledger.ledger import Ledger
from baton.ledger.rows import DeliveryRow, OrderRow
from baton.orchestra.lifecycle import EVENTS, Status, known
from baton.orchestra.models import WebhookEvent
from baton.orchestra.webhooks import (
    SIGNATURE_HEADER,
    TIMESTAMP_HEADER,
    NotAnEvent,
    SignatureError,
    SignatureReason,
    read_event,
    verify,
)
from baton.orders.observation import Observation
from baton.process.logs import get_logger
from baton.settings import PartnerAccount

PATH = "/webhooks/orchestra/{account}"

TEST_EVENT = "webhook.test"
"""Event by which `baton webhook test` finds out whether a delivery gets in: recorded, and without any effect."""

LOOKS, LOOK_PAUSE = 20, 0.1
"""How often, and after how many seconds each, an unknown Lightning order is looked for before it is adopted."""

PROGRESS = frozenset({Status.PROCESSING, Status.CONFIRMING, Status.BRIDGING, Status.SWAPPING, Status.DELIVERING})
"""Statuses that neither end an order nor ask for a decision."""

_log = get_logger(__name__)


def webhook_routes(
    accounts: Mapping[str, PartnerAccount], ledger: Ledger, coalescer: Coalescer, adopter: Adopter
) -> list[Route]:
    """Return the route that receives Orchestra's webhooks.

    Args:
        accounts: The partner accounts by name.
        ledger: Where workflows are found and deliveries recorded.
        coalescer: Hands over to the workflows.
        adopter: Starts the workflows of orders that were not placed here.
    """
    return [Route(PATH, _Receiver(accounts, ledger, coalescer, adopter).receive, methods=["POST"])]


def may_wait(event: WebhookEvent) -> bool:
    """Tell whether an event is mere progress, which may wait a moment for more of it."""
    status = known(event.data.status)
    return status in PROGRESS and EVENTS.get(event.event) is status


class _Receiver:
    def __init__(
        self, accounts: Mapping[str, PartnerAccount], ledger: Ledger, coalescer: Coalescer, adopter: Adopter
    ) -> None:
        self._accounts = accounts
        self._ledger = ledger
        self._coalescer = coalescer
        self._adopter = adopter

    async def receive(self, request: Request) -> Response:
        received_at = datetime.now(UTC)
        account = self._account(request.path_params["account"])
        body = await read_body(request)
        _authenticate(request, body, account)
        event = _read(body, account)
        delivery = _delivery(account, event, received_at)
        if event.event == TEST_EVENT:
            return await self._keep_test(delivery)
        return await self._deliver(event, delivery)

    async def _deliver(self, event: WebhookEvent, delivery: DeliveryRow) -> Response:
        workflow_id = await self._find(delivery)
        if workflow_id is None:
            return await self._take_unknown(event, delivery)
        delivery = delivery.model_copy(update={"workflow_id": workflow_id})
        try:
            envelope = Observation.of_webhook(event).envelope()
            await self._coalescer.offer(workflow_id, envelope, urgent=not may_wait(event))
        except WorkflowGone:
            return await self._take_late(event, delivery)
        except NotHandedOver as error:
            raise _not_handed_over(delivery, error) from None
        _log.info("webhook handed over", **_about(delivery))
        return JSONResponse({"status": "handed_over"}, background=BackgroundTask(self._record, delivery))

    def _account(self, name: str) -> PartnerAccount:
        account = self._accounts.get(name)
        if account is None:
            _log.info("webhook for an unknown account", account=ascii(name[:64]))
            raise EdgeError(404, "unknown_account", "there is no partner account of that name")
        return account

    async def _find(self, delivery: DeliveryRow) -> str | None:
        try:
            return await self._ledger.find_workflow(
                delivery.account, order_id=delivery.order_id, quote_id=delivery.quote_id
            )
        except LedgerError as error:
            raise _ledger_down(delivery, error) from None

    async def _take_unknown(self, event: WebhookEvent, delivery: DeliveryRow) -> Response:
        """Track an order that was not placed here, unless the account ignores those."""
        if self._account(delivery.account).unknown_orders == UnknownOrders.IGNORE:
            return await self._keep_unclaimed(delivery)
        if await self._claimed_meanwhile(event, delivery):
            return await self._deliver(event, delivery)
        try:
            return await self._start_tracking(self._adopter.adopt(delivery.account, event), event, delivery)
        except LedgerConflict:
            return await self._deliver(event, delivery)

    async def _claimed_meanwhile(self, event: WebhookEvent, delivery: DeliveryRow) -> bool:
        """Wait a moment where the order may be an onramp of ours: its webhook can outrun the answer that names it."""
        if event.data.source_chain != "lightning":
            return False
        for _ in range(LOOKS):
            await asyncio.sleep(LOOK_PAUSE)
            if await self._find(delivery):
                return True
        return False

    async def _take_late(self, event: WebhookEvent, delivery: DeliveryRow) -> Response:
        """Record what came after the end; what says that the order goes on is tracked anew."""
        closed = await self._row_of(delivery)
        if closed is None and delivery.workflow_id == adopted_workflow_id(delivery.account, event.data):
            # Claimed for adoption, but Temporal did not take it at the time.
            return await self._start_tracking(self._adopter.adopt(delivery.account, event), event, delivery)
        if closed is not None and is_another_order(closed, event):
            return await self._take_unknown(event, delivery)
        if closed is None or not carries_news(closed, event):
            return await self._keep_late(event, delivery)
        return await self._start_tracking(self._adopter.follow_up(closed, event), event, delivery)

    async def _start_tracking(
        self, starting: Coroutine[Any, Any, str], event: WebhookEvent, delivery: DeliveryRow
    ) -> Response:
        try:
            delivery = delivery.model_copy(update={"workflow_id": await starting})
        except WorkflowGone:
            return await self._keep_late(event, delivery)
        except NotHandedOver as error:
            raise _not_handed_over(delivery, error) from None
        except LedgerConflict:
            raise
        except LedgerError as error:
            raise _ledger_down(delivery, error) from None
        _log.warning("webhook starts the tracking of an order", **_about(delivery))
        return JSONResponse({"status": "adopted"}, background=BackgroundTask(self._record, delivery))

    async def _row_of(self, delivery: DeliveryRow) -> OrderRow | None:
        try:
            return await self._ledger.order(delivery.workflow_id or "")
        except LedgerError as error:
            raise _ledger_down(delivery, error) from None

    async def _keep_unclaimed(self, delivery: DeliveryRow) -> Response:
        """Record what no order of ours claims: this row is all that will be left of it."""
        await self._record_unclaimed(delivery)
        _log.warning("webhook for an order that nobody here knows", **_about(delivery))
        return JSONResponse({"status": "unclaimed"}, 202)

    async def _keep_test(self, delivery: DeliveryRow) -> Response:
        await self._record_unclaimed(delivery, "test")
        _log.info("test webhook accepted", **_about(delivery))
        return JSONResponse({"status": "test"})

    async def _record_unclaimed(self, delivery: DeliveryRow, detail: str | None = None) -> None:
        try:
            await self._ledger.record_delivery(
                delivery.model_copy(update={"disposition": "unclaimed", "detail": detail})
            )
        except LedgerError as error:
            raise _ledger_down(delivery, error) from None

    async def _keep_late(self, event: WebhookEvent, delivery: DeliveryRow) -> Response:
        """Record what came after the workflow closed: this row is all that will be left of it."""
        try:
            await self._ledger.record_late(delivery, event.data.updated_at)
        except LedgerError as error:
            raise _ledger_down(delivery, error) from None
        _log.info("webhook after the order closed", **_about(delivery))
        return JSONResponse({"status": "late"})

    async def _record(self, delivery: DeliveryRow) -> None:
        try:
            await self._ledger.record_delivery(delivery)
        except LedgerError as error:
            _log.warning("delivery not recorded", **_about(delivery), reason=str(error))


def _authenticate(request: Request, body: bytes, account: PartnerAccount) -> None:
    try:
        verify(
            body,
            request.headers.get(SIGNATURE_HEADER),
            request.headers.get(TIMESTAMP_HEADER),
            [secret.get_secret_value() for secret in account.webhook_secrets],
            tolerance=account.webhook_tolerance,
        )
    except SignatureError as error:
        reason = str(error)
        if error.reason is SignatureReason.NO_SECRET:
            reason = missing_secret(account)
        _log.warning("webhook refused", account=account.name, code=error.reason.value, reason=reason)
        raise EdgeError(401, error.reason.value, str(error)) from None


def missing_secret(account: PartnerAccount) -> str:
    """Return which setting would let webhooks of this account in."""
    return (
        f"no webhook secret is set for account {account.name}: set ORCHESTRA_WEBHOOK_SECRET, or webhook_secrets "
        f"of [accounts.{account.name}] where BATON_PARTNERS_FILE is used"
    )


def _read(body: bytes, account: PartnerAccount) -> WebhookEvent:
    try:
        return read_event(body)
    except NotAnEvent as error:
        _log.warning("signed webhook that is no event", account=account.name, reason=str(error))
        raise EdgeError(400, "not_an_event", str(error)) from None


def _delivery(account: PartnerAccount, event: WebhookEvent, received_at: datetime) -> DeliveryRow:
    return DeliveryRow(
        account=account.name,
        order_id=event.data.id,
        quote_id=event.data.quote_id,
        event=event.event,
        status=event.data.status,
        event_timestamp=event.timestamp,
        received_at=received_at,
        disposition="handed_over",
    )


def _not_handed_over(delivery: DeliveryRow, error: NotHandedOver) -> TryLater:
    _log.warning("webhook not handed over", **_about(delivery), reason=str(error))
    return TryLater("not_handed_over", "the order's workflow cannot be reached at the moment")


def _ledger_down(delivery: DeliveryRow, error: LedgerError) -> TryLater:
    _log.warning("webhook not handed over", **_about(delivery), reason=str(error))
    return TryLater("ledger_unavailable", "the order's workflow cannot be looked up at the moment")


def _about(delivery: DeliveryRow) -> dict[str, str | None]:
    return {
        "account": delivery.account,
        "event_name": delivery.event,
        "order_id": delivery.order_id,
        "workflow_id": delivery.workflow_id,
    }
