"""What people and apps do with endpoints and deliveries: the same for the API and the commands."""

import re
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from pydantic import BaseModel, SecretStr, ValidationError
from temporalio.client import Client
from temporalio.common import RetryPolicy
from temporalio.service import RPCError

from baton.errors import InvalidArgument, Unreachable
from baton.ledger.ledger import Ledger
from baton.ledger.notification_rows import EndpointState
from baton.notifications.addresses import UrlRefused, check_url, resolve
from baton.notifications.attention import clear_disabled
from baton.notifications.book import EndpointBook
from baton.notifications.endpoint import (
    NOTIFY_ORDER,
    AppEndpoint,
    NotifyOrder,
    SigningSecret,
    notify_job_id,
    notify_queue,
)
from baton.notifications.errors import EndpointRefused, EndpointUnknown
from baton.notifications.sender import NotificationSender, SendResult
from baton.notifications.signing import new_secret
from baton.settings import ACCOUNT_NAME
from baton.temporal_acts import ActRecorder

OVERLAP = timedelta(hours=24)
"""How long an old secret signs beside its successor."""

MAX_SECRETS = 5
"""Secrets that sign at the same time: each is a signature in a header, whose length receivers bound."""

TEST_EVENT = "endpoint.test"

_IN_FILE = "change it in BATON_ENDPOINTS_FILE, which is read again at once"


class EndpointLine(BaseModel):
    """An endpoint and how it does, as lists show it; without its secrets."""

    name: str
    url: str
    events: list[str]
    accounts: list[str]
    origin: str
    enabled: bool = True
    disabled_at: datetime | None = None
    disabled_because: str | None = None
    failing_since: datetime | None = None
    last_error: str | None = None
    pending: int = 0
    """Orders of which the endpoint has not got all events."""


class EndpointAdmin:
    """Changes endpoints and delivers events again.

    Args:
        client: A Temporal client; it may be lazy.
        ledger: An open ledger.
        book: The endpoints.
        by: Who changes them, for the record of acts.
    """

    def __init__(self, client: Client, ledger: Ledger, book: EndpointBook, by: str | None = None) -> None:
        self._client = client
        self._acts = ActRecorder(client, by)
        self._ledger = ledger
        self._book = book

    async def list(self) -> Sequence[EndpointLine]:
        """Return every endpoint, by name.

        Raises:
            LedgerUnavailable: The ledger did not answer.
        """
        endpoints, states = await self._book.refresh(now=True), await self._ledger.endpoints.states()
        return [await self._line(endpoints[name], states.get(name)) for name in sorted(endpoints)]

    async def show(self, name: str) -> EndpointLine:
        """Return one endpoint.

        Raises:
            EndpointUnknown: There is none of that name.
            LedgerUnavailable: The ledger did not answer.
        """
        endpoint = await self._get(name)
        return await self._line(endpoint, await self._ledger.endpoints.state(name))

    async def create(
        self, name: str, url: str, by: str, events: Sequence[str] = (), accounts: Sequence[str] = ()
    ) -> str:
        """Add an endpoint, which gets the events from now on; return its secret, which is shown only here.

        Raises:
            EndpointRefused: There is one of that name.
            InvalidArgument: A value cannot be used.
            LedgerUnavailable: It could not be written.
        """
        endpoint = await self._checked(
            name=name, url=url, events=list(events), accounts=list(accounts), secrets=[_fresh()]
        )
        taken = name in await self._book.refresh(now=True)
        if taken or not await self._ledger.endpoints.create(endpoint.row(by)):
            raise EndpointRefused("endpoint_exists", f"there is an endpoint {name} already", "choose another name")
        await self._record("create", name)
        return endpoint.secrets[0].secret.get_secret_value()

    async def update(
        self,
        name: str,
        by: str,
        *,
        url: str | None = None,
        events: Sequence[str] | None = None,
        accounts: Sequence[str] | None = None,
    ) -> None:
        """Change an endpoint; None leaves a value as it is.

        Raises:
            EndpointUnknown: There is none of that name.
            EndpointRefused: It is in the file.
            InvalidArgument: A value cannot be used.
            LedgerUnavailable: It could not be written.
        """
        endpoint = await self._changeable(name)
        given = {"url": url, "events": events, "accounts": accounts}
        changed = {field: value for field, value in given.items() if value is not None}
        checked = await self._checked(**{**dict(endpoint), **changed})
        await self._ledger.endpoints.replace(checked.row(by))
        await self._record("update", name)

    async def rotate(self, name: str, by: str, overlap: timedelta = OVERLAP) -> str:
        """Give an endpoint a new secret and return it; the old ones sign beside it for a while.

        Raises:
            EndpointUnknown: There is none of that name.
            EndpointRefused: It is in the file.
            LedgerUnavailable: It could not be written.
        """
        endpoint, now = await self._changeable(name), datetime.now(UTC)
        old = [
            each.model_copy(update={"until": min(each.until or now + overlap, now + overlap)})
            for each in endpoint.secrets
            if each.until is None or each.until > now
        ]
        fresh = _fresh()
        secrets = [fresh, *old][:MAX_SECRETS]
        await self._ledger.endpoints.replace(endpoint.model_copy(update={"secrets": secrets}).row(by))
        await self._record("rotate", name)
        return fresh.secret.get_secret_value()

    async def remove(self, name: str) -> None:
        """Delete an endpoint; what it has not got is not sent any more.

        Raises:
            EndpointUnknown: There is none of that name.
            EndpointRefused: It is in the file.
            LedgerUnavailable: It could not be written.
        """
        await self._changeable(name)
        await self._ledger.endpoints.remove(name)
        await self._record("remove", name)

    async def disable(self, name: str, by: str) -> None:
        """Stop notifying an endpoint; what happens meanwhile waits for it.

        Raises:
            EndpointUnknown: There is none of that name.
            LedgerUnavailable: It could not be written.
        """
        await self._get(name)
        await self._ledger.endpoints.add_states([name], from_start=False)
        await self._ledger.endpoints.disable(name, f"disabled by {by}", datetime.now(UTC))
        await self._record("disable", name)

    async def enable(self, name: str, by: str) -> None:
        """Notify an endpoint again, first of all that it missed.

        Raises:
            EndpointUnknown: There is none of that name.
            LedgerUnavailable: It could not be written.
            Unreachable: Temporal did not answer; the endpoint is enabled, its attention may still be open.
        """
        await self._get(name)
        await self._ledger.endpoints.enable(name, datetime.now(UTC))
        await self._record("enable", name)
        try:
            await clear_disabled(self._client, name, f"enabled by {by}")
        except RPCError as error:
            raise Unreachable("temporal_unavailable", f"Temporal does not answer: {error.message}", "") from None

    async def test(self, name: str) -> SendResult:
        """Send an endpoint an event of the type `endpoint.test`, once and at once; return what it answered.

        Raises:
            EndpointUnknown: There is none of that name.
            LedgerUnavailable: The ledger did not answer.
        """
        endpoint, sender = await self._get(name), NotificationSender(self._book.networks)
        event = {
            "id": f"evt_test_{uuid.uuid4().hex[:23]}",
            "type": TEST_EVENT,
            "account": None,
            "reference": None,
            "occurred_at": datetime.now(UTC).isoformat().replace("+00:00", "Z"),
            "position": None,
            "data": {"endpoint": name},
        }
        try:
            return await sender.send(endpoint, event)
        finally:
            await sender.aclose()

    async def redeliver(self, name: str, event_id: str) -> None:
        """Send an endpoint one event again, under its id, whatever it accepted before.

        Raises:
            EndpointUnknown: There is no such endpoint or event.
            LedgerUnavailable: The ledger did not answer.
            Unreachable: Temporal did not answer.
        """
        await self._get(name)
        event = await self._ledger.events.event(event_id)
        if event is None:
            raise EndpointUnknown("event", event_id)
        call = NotifyOrder(endpoint=name, workflow_id=event.workflow_id, cursor=event.seq or 0, event_id=event_id)
        try:
            await self._client.start_activity(
                NOTIFY_ORDER,
                call,
                id=f"{notify_job_id(name, event.workflow_id)}/{event_id}/{uuid.uuid4().hex[:8]}",
                task_queue=notify_queue(name),
                schedule_to_close_timeout=timedelta(hours=1),
                start_to_close_timeout=timedelta(minutes=1),
                retry_policy=RetryPolicy(maximum_attempts=3),
                summary=f"{event_id} to {name} again",
            )
        except RPCError as error:
            raise Unreachable("temporal_unavailable", f"Temporal does not answer: {error.message}", "") from None
        await self._record("redeliver", name, event_id)

    async def redeliver_since(self, name: str, since: datetime) -> int:
        """Send an endpoint again all that was written since a time, in order; return of how many orders.

        Raises:
            EndpointUnknown: There is none of that name.
            LedgerUnavailable: It could not be written.
        """
        await self._get(name)
        orders = await self._ledger.notifications.repeat(name, since, datetime.now(UTC))
        await self._record("redeliver", name, f"all since {since:%Y-%m-%d %H:%M} UTC")
        return orders

    async def _record(self, act: str, name: str, note: str | None = None) -> None:
        await self._acts.record(act, "endpoint", None, name, note)

    async def _get(self, name: str) -> AppEndpoint:
        endpoint = (await self._book.refresh(now=True)).get(name)
        if endpoint is None:
            raise EndpointUnknown("endpoint", name)
        return endpoint

    async def _changeable(self, name: str) -> AppEndpoint:
        endpoint = await self._get(name)
        if endpoint.origin == "file":
            raise EndpointRefused("endpoint_in_file", f"the endpoint {name} is in a file", _IN_FILE)
        return endpoint

    async def _checked(self, **fields: object) -> AppEndpoint:
        _check_accounts(fields["accounts"])
        try:
            url = check_url(str(fields["url"]), self._book.networks)
            if url.scheme == "http":  # allowed in some networks alone, so its host must be known now
                await resolve(str(url), self._book.networks)
            return AppEndpoint.model_validate(fields)
        except UrlRefused as error:
            raise InvalidArgument("url", str(error).removeprefix("url "), "correct it and try again") from None
        except ValidationError as error:
            fault = error.errors()[0]
            message = fault["msg"].removeprefix("Value error, ")
            raise InvalidArgument(str(fault["loc"][0]), message, "correct it and try again") from None

    async def _line(self, endpoint: AppEndpoint, state: EndpointState | None) -> EndpointLine:
        shown = endpoint.model_dump(include={"name", "url", "events", "accounts", "origin"})
        if state is None:
            return EndpointLine(**shown)
        pending = await self._ledger.notifications.pending(endpoint.name)
        known = state.model_dump(include={"disabled_at", "disabled_because", "failing_since", "last_error"})
        return EndpointLine(**shown, **known, enabled=state.disabled_at is None, pending=pending)


def _check_accounts(accounts: object) -> None:
    for name in accounts if isinstance(accounts, Sequence) else ():
        if not re.fullmatch(ACCOUNT_NAME, str(name)):
            complaint = f"{str(name)[:64]!r} is no name of a partner account"
            raise InvalidArgument("accounts", complaint, "name accounts as the partners file does")


def _fresh() -> SigningSecret:
    return SigningSecret(secret=SecretStr(new_secret()))
