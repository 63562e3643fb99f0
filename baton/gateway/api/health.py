"""`GET /v1/health` and `GET /v1/figures`: how accounts, chains and task queues are, and how many orders there were."""

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from baton.errors import BatonError
from baton.gateway.api.callers import AccountNames, Client, Parts, Reader
from baton.gateway.api.responses import REFUSALS, answer
from baton.gateway.figure_reader import FigurePeriod, FigureReport
from baton.health.report import HealthReport

router = APIRouter(prefix="/v1", tags=["operation"], responses=REFUSALS)


@router.get("/health", response_model=HealthReport)
async def health(accounts: AccountNames, _: Reader, parts: Parts) -> Response:
    """Return the health of accounts, chains and task queues, each with findings: what is wrong, and what mends it."""
    return answer(await parts.health.read(accounts))


@router.get("/figures", response_model=FigureReport)
async def figures(
    accounts: AccountNames,
    _: Reader,
    client: Client,
    parts: Parts,
    period: Annotated[FigurePeriod, Query(description="The period, up to now.")] = FigurePeriod.DAY,
) -> Response:
    """Return counts of orders over time, their times to deliver by route, and attention by reason."""
    return answer(await parts.figures.read(period, accounts, await attended(client)))


async def attended(client: Client) -> set[str]:
    """Return the ended orders that need a person; none if Temporal does not say: the figures are the ledger's."""
    try:
        return await client.attended_orders()
    except BatonError:
        return set()
