"""`POST /webhooks/orchestra/{account}`: a signed event comes in, and a 2xx goes out only once Temporal has it.

The order of the steps makes it safe: limit the body, verify its raw bytes, parse it only then, dispatch it to its
workflow, respond. If Temporal or the ledger is down, the response is 503, and Orchestra retries for more than a day.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import NamedTuple

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route as HttpRoute
from starlette.types import Receive, Scope, Send

from baton.gateway.body import BodyReader
from baton.gateway.deliveries import DeliveryRecords, delivery_of, log_fields, outages_as_503
from baton.gateway.dispatcher import Dispatched, Dispatcher
from baton.gateway.errors import EdgeError
from baton.gateway.router import Route
from baton.gateway.webhook_counter import WebhookCounter
from baton.gateway.webhook_meter import metered, show_accounts
from baton.ledger.rows import DeliveryRow
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
from baton.process.log_rates import RateLimitedLog
from baton.process.logs import get_logger
from baton.settings import PartnerAccount

WEBHOOKS = "/webhooks/"
"""Where the paths of webhooks begin."""

PATH = f"{WEBHOOKS}orchestra/{{account}}"

TEST_EVENT = "webhook.test"
"""The event of `baton webhook test`, which checks that deliveries arrive: it is recorded and has no other effect."""

_RESULTS = {
    Route.DELIVER: (200, "handed_over"),
    Route.ADOPT: (200, "adopted"),
    Route.FOLLOW_UP: (200, "adopted"),
    Route.LATE: (200, "late"),
    Route.UNCLAIMED: (202, "unclaimed"),
}
"""HTTP status and `status` field of the response after each route."""

_RESPONSES = {route: JSONResponse({"status": status}, code) for route, (code, status) in _RESULTS.items()}

_SIGN_IT = "sign it now with a secret that the gateway has for this account"

_HANDED_OVER = frozenset({Route.DELIVER, Route.ADOPT, Route.FOLLOW_UP})
"""Routes after which Temporal has the webhook, so that it may be recorded after the response."""

_log = get_logger(__name__)


def webhook_routes(
    accounts: Mapping[str, PartnerAccount], dispatcher: Dispatcher, records: DeliveryRecords, counter: WebhookCounter
) -> list[HttpRoute]:
    """Return the route that receives Orchestra's webhooks.

    Args:
        accounts: The partner accounts by name.
        dispatcher: Brings webhooks to their workflows.
        records: Records deliveries.
        counter: Counts webhooks by what became of them.
    """
    endpoint = _WebhookEndpoint(accounts, dispatcher, records, counter)
    show_accounts(accounts)
    # Orchestra follows no redirect, so a URL registered with a slash at its end is served as it is.
    return [HttpRoute(path, endpoint, methods=["POST"]) for path in (PATH, f"{PATH}/")]


class _WebhookEndpoint:
    """An ASGI application, not a function of a request: Starlette would wrap that in two more layers."""

    def __init__(
        self,
        accounts: Mapping[str, PartnerAccount],
        dispatcher: Dispatcher,
        records: DeliveryRecords,
        counter: WebhookCounter,
    ) -> None:
        self._accounts = accounts
        self._counter = counter
        self._dispatcher = dispatcher
        self._records = records
        self._bodies = BodyReader()
        self._log = RateLimitedLog(get_logger(__name__), most=20)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request."""
        received = await self._metered(Request(scope, receive, send))
        await received.response(scope, receive, send)
        if received.to_record is not None:
            await self._records.record_handed_over(received.to_record)

    async def _metered(self, request: Request) -> "_Received":
        received_at, name = datetime.now(UTC), request.path_params["account"]
        name = name if name in self._accounts else ""
        with metered(name) as meter:
            try:
                received = await self._receive(request, received_at)
            except EdgeError as error:
                self._counter.count(name, error.code, received_at)
                raise
            meter.result = received.result
            self._counter.count(name, meter.result, received_at)
        return received

    async def _receive(self, request: Request, received_at: datetime) -> "_Received":
        """Return what became of a webhook, and the response to it."""
        account = self._account(request.path_params["account"])
        body = await self._bodies.read(request)
        self._authenticate(request, body, account)
        event = _parse(body, account)
        await self._records.wait_for_room()
        delivery = delivery_of(account.name, event, received_at, body)
        if event.event == TEST_EVENT:
            return await self._accept_test(delivery)
        return _received(await self._dispatcher.dispatch(event, account, delivery))

    def _account(self, name: str) -> PartnerAccount:
        account = self._accounts.get(name)
        if account is None:
            self._log.info("webhook for an unknown account", account=ascii(name[:64]))
            message = "there is no partner account of that name"
            remedy = "check the name, or add the account to the partners file"
            raise EdgeError(404, "unknown_account", message, remedy=remedy)
        return account

    def _authenticate(self, request: Request, body: bytes, account: PartnerAccount) -> None:
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
            address = request.client.host if request.client else ""
            self._log.warning(
                "webhook refused", account=account.name, code=error.reason.value, reason=reason, address=address
            )
            raise EdgeError(401, error.reason.value, str(error), remedy=_SIGN_IT) from None
        request.state.signed = True  # nothing that Orchestra sends counts as a refusal of a stranger

    async def _accept_test(self, delivery: DeliveryRow) -> "_Received":
        with outages_as_503(delivery):
            await self._records.record_unclaimed(delivery, "test")
        _log.info("test webhook accepted", **log_fields(delivery))
        return _Received("test", JSONResponse({"status": "test"}))


class _Received(NamedTuple):
    """What became of a webhook, the response to it, and the delivery if it is recorded after the response."""

    result: str
    response: Response
    to_record: DeliveryRow | None = None


def _received(dispatched: Dispatched) -> _Received:
    route = dispatched.route
    _, status = _RESULTS[route]
    return _Received(status, _RESPONSES[route], dispatched.delivery if route in _HANDED_OVER else None)


def missing_secret(account: PartnerAccount) -> str:
    """Return which setting an account without a webhook secret needs."""
    if account.webhook_secrets_file is not None:
        file = account.webhook_secrets_file
        return f"account {account.name} has no webhook secret yet: `baton webhook register` writes it to {file}"
    return (
        f"no webhook secret is set for account {account.name}: set ORCHESTRA_WEBHOOK_SECRET, or webhook_secrets "
        f"of [accounts.{account.name}] where BATON_PARTNERS_FILE is used"
    )


def _parse(body: bytes, account: PartnerAccount) -> WebhookEvent:
    try:
        return read_event(body)
    except NotAnEvent as error:
        _log.warning("signed webhook is not an event", account=account.name, reason=str(error))
        raise EdgeError(400, "not_an_event", str(error), remedy="send an event of Orchestra") from None
