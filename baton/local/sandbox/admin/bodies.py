"""Request bodies of the admin API, how they are read, and how its routes answer."""

import json
from collections.abc import Awaitable, Callable
from typing import Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_camel
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route as HttpRoute

from baton.local.sandbox.engine.world import SandboxWorld
from baton.local.sandbox.errors import ApiError, invalid
from baton.orchestra.lifecycle import Status

AdminHandler = Callable[[Request], Awaitable[dict[str, Any]]]


class AdminBody(BaseModel):
    """Base of every admin body. Its JSON is camelCase, and unknown fields are refused."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra="forbid")


class DepositRequest(AdminBody):
    """Body of `POST /sandbox/deposits`: pay a quote or a reusable address. Absent fields are made up.

    `chain` and `asset` belong to a reusable address, which may have one deposit address on several chains. `scenario`
    is what the deposit's order follows; that of a quote can be set earlier too.
    """

    quote_id: str | None = None
    deposit_address: str | None = None
    chain: str | None = None
    asset: str | None = None
    amount: int | None = Field(default=None, gt=0)
    tx_hash: str | None = None
    spark_tx_hash: str | None = None
    bitcoin_txid: str | None = None
    bitcoin_vout: int | None = Field(default=None, ge=0)
    source_address: str | None = None
    visible_after: float = Field(default=0, ge=0)
    detect: bool | None = None
    scenario: str | None = None


class ScenarioChoice(AdminBody):
    """Body of the two calls that set a scenario. A recipient limits it to new quotes for that recipient.

    `once` limits it further, to the recipient's next quote; with it, no scenario takes an earlier choice back.
    """

    scenario: str | None = None
    recipient_address: str | None = None
    once: bool = False


class OrderMove(AdminBody):
    """Body of `POST /sandbox/orders/{id}/advance`."""

    status: Status | None = None
    fields: dict[str, Any] = {}


class AcceptedKeys(AdminBody):
    """Body of `POST /sandbox/keys`: the API keys accepted from now on, each with its partner."""

    accepted: dict[str, str] = Field(min_length=1)


class ClockAdvance(AdminBody):
    """Body of `POST /sandbox/clock`: seconds to advance the clock."""

    advance: float = Field(ge=0)


class MarketChange(AdminBody):
    """Body of `POST /sandbox/market`: prices in millionths of a dollar for one whole asset, by symbol.

    `spot_available` says whether the spot price of bitcoin can be fetched; onramps in dollars need it.
    """

    prices: dict[str, int] = {}
    spot_available: bool | None = None


class WebhookRelease(AdminBody):
    """Body of `POST /sandbox/webhooks/release`."""

    order: Literal["as_is", "reversed", "shuffled"] = "as_is"
    copies: int = Field(default=1, ge=1, le=10)
    seed: int = 0


BodyModel = TypeVar("BodyModel", bound=BaseModel)


async def read_body(request: Request, model: type[BodyModel]) -> BodyModel:
    """Return the validated body of an admin call; an empty body counts as `{}`.

    Raises:
        ApiError: `invalid_request`, naming the field.
    """
    try:
        return model.model_validate(json.loads(await request.body() or b"{}"))
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise invalid(f"{'.'.join(str(part) for part in first['loc']) or 'body'}: {first['msg']}") from None
    except ValueError as error:
        raise invalid(f"the body is not valid JSON: {error}") from None


def admin_route(world: SandboxWorld, method: str, path: str, handler: AdminHandler) -> HttpRoute:
    """Return the HTTP route of an admin handler; refusals use the partner API's error envelope."""

    async def endpoint(request: Request) -> Response:
        try:
            return JSONResponse(await handler(request))
        except ApiError as error:
            return JSONResponse(error.envelope, error.status, error.headers)
        finally:
            world.memory.flush()

    return HttpRoute(f"/sandbox{path}", endpoint, methods=[method])
