"""What can be ordered, as the API last told it, so that an impossible order is refused before a quote is asked for.

Route lists and limits are public and change seldom: each is asked for at most once an hour, and by one order at a time.
What would refuse an order is looked at again where it is older than some minutes, for the refusal ends the order. The
API has the last word anyway: where it cannot be asked, the order passes.
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
from baton.process.logs import get_logger
from baton.settings import PartnerAccount

FRESH = 3600.0
"""Seconds for which what was told serves without being asked for again."""
CERTAIN = 300.0
"""Seconds for which what speaks against an order is not asked for again."""
PATIENCE = 5.0
"""Seconds that an order waits for an answer; the question goes on without it."""
PAUSE = 60.0
"""Seconds until the next question after one that was not answered."""
MOST_LIMITS = 1000
"""How many routes' limits are kept."""

T = TypeVar("T")
Ask = Callable[[], Awaitable[T]]

_log = get_logger(__name__)


async def fetch_routes(client: OrchestraClient) -> Routes:
    """Return the newer, smaller route list where the API has it, else the older one.

    Raises:
        OrchestraError: Neither can be had.
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
        OrchestraError: They cannot be had.
    """
    return await client.limits(**_ends(request))


class Remembered(Generic[T]):
    """The last answer to one question. A question that fails leaves the answer as it was.

    Args:
        clock: Seconds that only grow.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._answer: T | None = None
        self._answered_at = -FRESH
        self._not_before = 0.0
        self._asking: asyncio.Task[None] | None = None

    @property
    def age(self) -> float:
        """Return how many seconds ago the answer came."""
        return self._clock() - self._answered_at

    async def get(self, ask: Ask[T], max_age: float) -> T | None:
        """Return the answer, asked for anew where it is older than `max_age` seconds; None while there is none."""
        stale = self._answer is None or self.age > max_age
        if stale and (self._asking or self._clock() >= self._not_before):
            self._asking = self._asking or asyncio.create_task(self._renew(ask))
            # Waiting for it this way, an order that gives up or is cancelled does not take the question with it.
            await asyncio.wait({self._asking}, timeout=PATIENCE)
        return self._answer

    async def _renew(self, ask: Ask[T]) -> None:
        try:
            self._answer = await ask()
            self._answered_at = self._clock()
        except (
            OrchestraError,
            RuntimeError,
        ) as error:  # httpx: the client was closed meanwhile, for its account changed
            self._not_before = self._clock() + PAUSE
            _log.warning("what can be ordered could not be asked", reason=str(error))
        finally:
            self._asking = None


class RouteBook:
    """Routes and limits of every API that the accounts use, kept in memory.

    Args:
        accounts: The accounts by name, as they stand when an order comes; `check_routes` lets orders pass.
        clock: Seconds that only grow.
    """

    def __init__(self, accounts: Mapping[str, PartnerAccount], clock: Callable[[], float] = time.monotonic) -> None:
        self._accounts = accounts
        self._clock = clock
        self._routes: dict[str, Remembered[Routes]] = {}
        self._limits: dict[tuple[str, ...], Remembered[Limits]] = {}

    async def objection(
        self, account: str, client: OrchestraClient, request: QuoteRequest, *, amount_known: bool = True
    ) -> OrderObjection | None:
        """Return what speaks against an order; None where nothing does or nothing is known.

        Args:
            account: Whose order it is.
            client: The account's client.
            request: What is asked for.
            amount_known: Whether its amount is in units of an asset; one in US dollars is held to no limits.
        """
        checked = self._accounts.get(account)
        if checked is None or not checked.check_routes:
            return None
        url = checked.base_url
        objection = await self._by_routes(url, client, request)
        return objection if objection or not amount_known else await self._by_limits(url, client, request)

    async def _by_routes(self, url: str, client: OrchestraClient, request: QuoteRequest) -> OrderObjection | None:
        known = self._routes.setdefault(url, Remembered(self._clock))
        return await _judged(known, lambda: fetch_routes(client), lambda routes: object_to_route(routes, request))

    async def _by_limits(self, url: str, client: OrchestraClient, request: QuoteRequest) -> OrderObjection | None:
        known = self._limits_of(url, request)
        objection = await _judged(
            known, lambda: limits_of(client, request), lambda limits: object_to_amount(limits, request)
        )
        # Bounds follow prices: an old one tells nothing.
        return objection if known.age <= CERTAIN else None

    def _limits_of(self, url: str, request: QuoteRequest) -> Remembered[Limits]:
        route = (url, *_ends(request).values())
        if route not in self._limits and len(self._limits) >= MOST_LIMITS:
            del self._limits[next(iter(self._limits))]
        return self._limits.setdefault(route, Remembered(self._clock))


async def _judged(
    known: Remembered[T], ask: Ask[T], judge: Callable[[T], OrderObjection | None]
) -> OrderObjection | None:
    told = await known.get(ask, FRESH)
    if told is None or judge(told) is None:
        return None
    told = await known.get(ask, CERTAIN)
    return None if told is None else judge(told)


def _ends(request: QuoteRequest) -> dict[str, str]:
    return request.model_dump(include={"source_chain", "source_asset", "destination_chain", "destination_asset"})
