"""The activity that notifies an endpoint of an order's events: in their order, each until the endpoint accepts it."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Literal, NamedTuple

from opentelemetry.trace import SpanKind
from temporalio import activity
from temporalio.client import Client
from temporalio.exceptions import ApplicationError, ApplicationErrorCategory
from temporalio.service import RPCError

from activities.support.heartbeats import heartbeating
from baton.ledger.ledger import Ledger
from baton.ledger.notification_rows import AttemptOutcome, AttemptRow, NotificationRow
from baton.ledger.rows import EventRow
from baton.metrics.instruments import NOTIFICATION, NOTIFICATION_ATTEMPTS
from baton.notifications.attention import raise_disabled
from baton.notifications.book import EndpointBook
from baton.notifications.endpoint import NOTIFY_ORDER, AppEndpoint, NotifyOrder
from baton.notifications.running_jobs import RunningJob, RunningJobs
from baton.notifications.schedule import OUTAGE, must_disable, pause_after
from baton.notifications.sender import GONE, NotificationSender, SendResult
from baton.orders.events import CLOSED, public_document
from baton.process.logs import get_logger
from baton.process.tracing import span

PAGE = 50
"""Events that are read at a time."""

STAY = 2.0
"""Seconds that a job stays after an event: most changes of an order come close together, and a job costs more."""

STAY_CHECK = 0.5
"""Seconds between its looks for events that another worker has planned."""

_OVERDUE = timedelta(minutes=1)
"""How long after its time an attempt counts as lost."""

_log = get_logger(__name__)


AfterAttempt = Literal["sent", "given_up", "disabled"]
"""What became of an event, unless it is tried again later."""


class EventNotDelivered(ApplicationError):
    """An endpoint did not accept an event; Temporal repeats the attempt after a pause."""


class _SentPage(NamedTuple):
    """What became of some events.

    Attributes:
        sent: How many were accepted.
        done: The number of the last accepted one.
        given_up: Whether the others were given up.
    """

    sent: int
    done: int
    given_up: bool = False


class NotifyActivities:
    """The activity of every endpoint's task queue.

    Args:
        client: A Temporal client.
        ledger: An open ledger.
        book: The endpoints.
        sender: Sends the notifications.
        jobs: Where running jobs are noted.
    """

    def __init__(
        self, client: Client, ledger: Ledger, book: EndpointBook, sender: NotificationSender, jobs: RunningJobs
    ) -> None:
        self._client = client
        self._ledger = ledger
        self._book = book
        self._sender = sender
        self._jobs = jobs

    @activity.defn(name=NOTIFY_ORDER)
    async def notify_order(self, call: NotifyOrder) -> int:
        """Send what the endpoint has not accepted yet; return how many events it accepted."""
        async with heartbeating():
            if call.event_id is None:
                with self._jobs.running(call.endpoint, call.workflow_id) as job:
                    return await self._send_all(job, call.endpoint, call.workflow_id)
            endpoint = await self._enabled(call.endpoint)
            return await self._send_again(endpoint, call.event_id) if endpoint else 0

    async def _enabled(self, name: str) -> AppEndpoint | None:
        """Return an endpoint, unless it was removed or disabled."""
        endpoint, state = await self._book.get(name), await self._ledger.endpoints.state(name)
        return endpoint if state is not None and state.disabled_at is None else None

    async def _send_all(self, job: RunningJob, name: str, workflow_id: str) -> int:
        sent, notifications = 0, self._ledger.notifications
        while (endpoint := await self._enabled(name)) and (found := await notifications.progress(name, workflow_id)):
            events = await self._ledger.events.after(found.done, PAGE, workflow_id=workflow_id, until=found.wanted)
            page = await self._send_page(endpoint, events, found.done)
            sent += page.sent
            if page.given_up or (page.sent and await self._more_soon(job, found, events, page.done)):
                continue
            through = (len(events) == PAGE and events[-1].seq) or found.wanted
            if await notifications.finish(name, workflow_id, through, page.done):
                break
        return sent

    async def _send_page(self, endpoint: AppEndpoint, events: list[EventRow], done: int) -> _SentPage:
        sent = 0
        for event in filter(endpoint.wants, events):
            after = await self._send(endpoint, event)
            if after != "sent":
                return _SentPage(sent, done, given_up=True)
            sent, done = sent + 1, event.seq or done
        return _SentPage(sent, done)

    async def _more_soon(self, job: RunningJob, found: NotificationRow, events: list[EventRow], done: int) -> bool:
        """Whether there is more to send now, or within the time for which a job stays; `done` was accepted last."""
        if len(events) == PAGE or events[-1].type == CLOSED:
            return len(events) == PAGE
        deadline = asyncio.get_running_loop().time() + STAY
        while asyncio.get_running_loop().time() < deadline and job.may_wait and not activity.is_worker_shutdown():
            if await job.wait(STAY_CHECK):
                return True
            progress = await self._ledger.notifications.progress(found.endpoint, found.workflow_id)
            if progress is None or progress.wanted > found.wanted or progress.done < done:
                return True
        return False

    async def _send_again(self, endpoint: AppEndpoint, event_id: str) -> int:
        """Send one event once more, because a person asked for it."""
        event = await self._ledger.events.event(event_id)
        if event is None:
            raise ApplicationError(f"the ledger has no event {event_id}", type="event_unknown", non_retryable=True)
        result = await self._sent(endpoint, event)
        outcome: AttemptOutcome = "delivered" if result.delivered else "failed"
        await self._ledger.notifications.record(_attempt(endpoint, event, result, outcome))
        if not result.delivered:
            message = f"{endpoint.name} did not accept {event.id}: {_reason(result)}"
            raise ApplicationError(message, type="not_delivered", non_retryable=True)
        return 1

    async def _send(self, endpoint: AppEndpoint, event: EventRow) -> AfterAttempt:
        """Make one attempt, and note how it ended.

        Raises:
            EventNotDelivered: It failed, and is repeated after a pause.
        """
        result = await self._sent(endpoint, event)
        if result.delivered:
            attempt = _attempt(endpoint, event, result, "delivered")
            await self._ledger.notifications.delivered(attempt, event.seq or 0, attempt.attempted_at - OUTAGE)
            return "sent"
        if await self._disable_if_due(endpoint, result):
            await self._ledger.notifications.record(_attempt(endpoint, event, result, "failed"))
            return "disabled"
        await self._repeat_later(endpoint, event, result)
        return "given_up"

    async def _sent(self, endpoint: AppEndpoint, event: EventRow) -> SendResult:
        """Make one attempt, as a span of the order's trace."""
        with span("notify", SpanKind.CLIENT, event.trace, {"endpoint": endpoint.name, "event": event.type}):
            return await self._sender.send(endpoint, public_document(event))

    async def _repeat_later(self, endpoint: AppEndpoint, event: EventRow, result: SendResult) -> None:
        now = datetime.now(UTC)
        progress = await self._ledger.notifications.progress(endpoint.name, event.workflow_id)
        failures = progress.failures if progress else 0
        since = (progress.failing_since if progress else None) or now
        pause = pause_after(failures + 1, now - since, result.retry_after)
        if pause is None:
            await self._give_up(endpoint, event, result)
            return
        failed = _attempt(endpoint, event, result, "failed")
        await self._ledger.notifications.failed(failed, now + pause + _OVERDUE)
        raise EventNotDelivered(
            f"{endpoint.name} did not accept {event.id}: {_reason(result)}",
            type="not_delivered",
            next_retry_delay=pause,
            category=ApplicationErrorCategory.BENIGN,
        )

    async def _give_up(self, endpoint: AppEndpoint, event: EventRow, result: SendResult) -> None:
        """Leave all events of the order that wait to a person; later ones are sent again."""
        waiting = await self._ledger.events.after((event.seq or 1) - 1, 500, workflow_id=event.workflow_id)
        attempts = [_attempt(endpoint, each, result, "given_up") for each in filter(endpoint.wants, waiting)]
        await self._ledger.notifications.give_up(attempts, waiting[-1].seq or 0)
        _log.error(
            "an endpoint did not accept events for three days; see `baton deliveries list --outcome given_up`",
            endpoint=endpoint.name,
            workflow_id=event.workflow_id,
            events=len(attempts),
        )

    async def _disable_if_due(self, endpoint: AppEndpoint, result: SendResult) -> bool:
        """Note a failure; disable an endpoint that is gone, or that has failed for too long."""
        now = datetime.now(UTC)
        state = await self._ledger.endpoints.note_failure(endpoint.name, _reason(result), now)
        if result.status_code == GONE:
            because = "it answered 410: it wants no more notifications"
        elif state is not None and must_disable(state.failing_since, now):
            because = f"it accepted nothing for five days: {_reason(result)}"
        else:
            return False
        if await self._ledger.endpoints.disable(endpoint.name, because, now):
            _log.error("an endpoint was disabled", endpoint=endpoint.name, reason=because)
        try:
            await raise_disabled(self._client, endpoint.name, because, now)
        except RPCError as error:
            _log.warning("the attention for a disabled endpoint was not raised", reason=str(error))
        return True


def _attempt(endpoint: AppEndpoint, event: EventRow, result: SendResult, outcome: AttemptOutcome) -> AttemptRow:
    """Return the row of an attempt, and count it."""
    NOTIFICATION_ATTEMPTS.labels(endpoint.name, outcome).inc()
    if outcome != "given_up":
        NOTIFICATION.labels(endpoint.name).observe(result.milliseconds / 1000)
    return AttemptRow(
        endpoint=endpoint.name,
        workflow_id=event.workflow_id,
        event_id=event.id,
        event_type=event.type,
        attempted_at=datetime.now(UTC),
        milliseconds=result.milliseconds,
        outcome=outcome,
        status_code=result.status_code,
        detail=result.detail,
    )


def _reason(result: SendResult) -> str:
    """Return why an attempt failed, without anything of the response's body: it goes into Temporal."""
    return f"HTTP {result.status_code}" if result.status_code is not None else result.detail or "no response"
