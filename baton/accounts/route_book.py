"""Routes and limits as the API last sent them, so that an impossible order is refused before a quote is requested.

Routes and limits are public and change seldom: each list is requested at most once an hour, and by one order at a time.
Before an order is refused, a list older than a few minutes is requested again, because the refusal ends the order. If
the API does not answer, the order passes; the API decides then.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Generic, TypeVar

from baton.orchestra.client import OrchestraClient
from baton.orchestra.errors import OrchestraError, Refused
from baton.orchestra.models import QuoteRequest
from baton.orchestra.rules.limits import Limits
from baton.orchestra.rules.objections import OrderObjection, Routes, object_to_amount, object_to_route
from baton.orchestra.rules.routes import ListedContract
from baton.process.logs import get_logger
from baton.settings import PartnerAccount

FRESH = 3600.0
"""Age in seconds up to which a list is used to pass an order."""
FRESH_FOR_REFUSAL = 300.0
"""Age in seconds up to which a list is used to refuse an order."""
TIMEOUT = 5.0
"""Seconds that an order waits for an answer; the request itself continues."""
RETRY_PAUSE = 60.0
"""Seconds without a new request after a failed one."""
MAX_LIMITS = 1000
"""How many routes' limits are cached."""

T = TypeVar("T")
Fetch = Callable[[], Awaitable[T]]

_log = get_logger(__name__)


async def fetch_routes(client: OrchestraClient) -> Routes:
    """Return the newer, smaller route list if the API has it, else the older one.

    Raises:
        OrchestraError: The API returns neither list.
    """
    try:
        return await client.route_catalogue()
    except Refused as error:
        if error.http_status != 404:
            raise
    return await client.routes()


async def limits_of(client: OrchestraClient, request: QuoteRequest) -> Limits:
    """Return the limits of a request's route.

    Raises:
        OrchestraError: The API does not return them.
    """
    return await client.limits(**_route_of(request))


class CachedAnswer(Generic[T]):
    """The last answer to one request. A failed request keeps the answer as it was.

    Args:
        clock: A monotonic clock, in seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._answer: T | None = None
        self._answered_at = -FRESH
        self._not_before = 0.0
        self._request: asyncio.Task[None] | None = None

    @property
    def latest(self) -> T | None:
        """The answer as it is, of any age; None if there is none yet."""
        return self._answer

    @property
    def age(self) -> float:
        """The age of the answer in seconds."""
        return self._clock() - self._answered_at

    async def get(self, fetch: Fetch[T], max_age: float) -> T | None:
        """Return the answer, after a new request if it is older than `max_age` seconds; None if there is none yet."""
        stale = self._answer is None or self.age > max_age
        if stale and (self._request or self._clock() >= self._not_before):
            self._request = self._request or asyncio.create_task(self._refresh(fetch))
            # `wait` does not cancel the request when this order gives up or is cancelled: other orders share it.
            await asyncio.wait({self._request}, timeout=TIMEOUT)
        return self._answer

    async def _refresh(self, fetch: Fetch[T]) -> None:
        try:
            self._answer = await fetch()
            self._answered_at = self._clock()
        except (OrchestraError, RuntimeError) as error:  # httpx raises RuntimeError if the client was closed meanwhile
            self._not_before = self._clock() + RETRY_PAUSE
            _log.warning("routes or limits could not be read", reason=str(error))
        finally:
            self._request = None


class RouteBook:
    """Routes and limits of every API that the accounts use, cached in memory.

    Args:
        accounts: The current accounts by name; with `check_routes` off, an account's orders are not checked.
        clock: A monotonic clock, in seconds.
    """

    def __init__(self, accounts: Mapping[str, PartnerAccount], clock: Callable[[], float] = time.monotonic) -> None:
        self._accounts = accounts
        self._clock = clock
        self._routes: dict[str, CachedAnswer[Routes]] = {}
        self._limits: dict[tuple[str, ...], CachedAnswer[Limits]] = {}

    async def objection(
        self, account: str, client: OrchestraClient, request: QuoteRequest, *, amount_known: bool = True
    ) -> OrderObjection | None:
        """Return why an order is impossible; None if it is possible, or nothing is known.

        Args:
            account: Name of the order's account.
            client: The account's client.
            request: The order's quote request.
            amount_known: Whether its amount is in units of an asset; an amount in US dollars is not checked.
        """
        settings = self._accounts.get(account)
        if settings is None or not settings.check_routes:
            return None
        url = settings.base_url
        objection = await self._by_routes(url, client, request)
        return objection if objection or not amount_known else await self._by_limits(url, client, request)

    async def routes(self, account: str, client: OrchestraClient) -> Routes | None:
        """Return the routes of an account's API; None while it does not list them.

        Args:
            account: Name of the account.
            client: The account's client.
        """
        cached = self._routes.setdefault(self._accounts[account].base_url, CachedAnswer(self._clock))
        return await cached.get(lambda: fetch_routes(client), FRESH)

    async def contracts(self, account: str, client: OrchestraClient) -> list[ListedContract]:
        """Return the tokens that an account's API lists with their contracts; none while nothing is known.

        Args:
            account: Name of the account.
            client: The account's client.
        """
        settings = self._accounts.get(account)
        if settings is None or not settings.check_routes:
            return []
        cached = self._routes.setdefault(settings.base_url, CachedAnswer(self._clock))
        routes = await cached.get(lambda: fetch_routes(client), FRESH)
        return routes.contracts if routes else []

    def decimals(self, account: str, *names: str | None) -> dict[str, int]:
        """Return the decimals of assets by the routes as they are known now: no order waits to see an amount.

        Args:
            account: Name of the account.
            names: The assets as `chain:asset`, or as a bare symbol that counts only if it is the same on every chain.
        """
        settings = self._accounts.get(account)
        cached = self._routes.get(settings.base_url) if settings else None
        routes = cached.latest if cached else None
        return {name: routes.decimals[name] for name in names if name in routes.decimals} if routes else {}

    async def _by_routes(self, url: str, client: OrchestraClient, request: QuoteRequest) -> OrderObjection | None:
        cached = self._routes.setdefault(url, CachedAnswer(self._clock))
        return await _judge(cached, lambda: fetch_routes(client), lambda routes: object_to_route(routes, request))

    async def _by_limits(self, url: str, client: OrchestraClient, request: QuoteRequest) -> OrderObjection | None:
        cached = self._cached_limits(url, request)
        routes = self._routes[url].latest if url in self._routes else None
        decimals = routes.decimals if routes else {}
        objection = await _judge(
            cached, lambda: limits_of(client, request), lambda limits: object_to_amount(limits, request, decimals)
        )
        # Limits follow prices, so old ones refuse nothing.
        return objection if cached.age <= FRESH_FOR_REFUSAL else None

    def _cached_limits(self, url: str, request: QuoteRequest) -> CachedAnswer[Limits]:
        key = (url, *_route_of(request).values())
        if key not in self._limits and len(self._limits) >= MAX_LIMITS:
            del self._limits[next(iter(self._limits))]
        return self._limits.setdefault(key, CachedAnswer(self._clock))


async def _judge(
    cached: CachedAnswer[T], fetch: Fetch[T], objection_of: Callable[[T], OrderObjection | None]
) -> OrderObjection | None:
    """Return the objection to an order, from an answer that is fresh enough for a refusal if the API gives one."""
    answer = await cached.get(fetch, FRESH)
    if answer is None or objection_of(answer) is None:
        return None
    answer = await cached.get(fetch, FRESH_FOR_REFUSAL)
    return None if answer is None else objection_of(answer)


def _route_of(request: QuoteRequest) -> dict[str, str]:
    return request.model_dump(include={"source_chain", "source_asset", "destination_chain", "destination_asset"})
