"""`/v1/holds`: stop submits or approvals, see what waits behind each hold, and release it."""

from typing import Annotated, Any

from fastapi import APIRouter, Path
from pydantic import ConfigDict, Field
from pydantic.alias_generators import to_camel
from starlette.responses import Response

from baton.accounts.tokens import Caller, Forbidden
from baton.errors import AccountUnknown
from baton.gateway.api.callers import AccountNames, Client, Operator, Parts, Reader
from baton.gateway.api.responses import CONFLICT, REFUSALS, answer
from baton.holds.models import MAX_RATE, MAX_REASON, MIN_RATE, HeldCalls, HoldAnswer, HoldList, HoldRelease
from baton.orchestra.models import Wire
from baton.settings import ACCOUNT_NAME

router = APIRouter(prefix="/v1/holds", tags=["holds"], responses=REFUSALS)

_STRICT = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra="forbid")

HoldId = Annotated[str, Path(pattern=r"^[a-z0-9-]{1,64}$", description="The hold, such as `hold-3`.")]
Why = Annotated[str, Field(min_length=1, max_length=MAX_REASON)]


class HoldBody(Wire):
    """What to stop, and why. Without an account it stops the calls of all, without a route those on all routes."""

    model_config = _STRICT

    what: HeldCalls
    reason: Why
    account: str | None = Field(default=None, pattern=ACCOUNT_NAME)
    route: str | None = Field(
        default=None, max_length=300, description="Such as `base`, `base/USDC`, `base/USDC>spark/BTC` or `>spark`."
    )


class ReleaseBody(Wire):
    """Why a hold is released, and how fast the orders that wait are released."""

    model_config = _STRICT

    reason: Why
    rate: float | None = Field(
        default=None, ge=MIN_RATE, le=MAX_RATE, description="Orders per second; all at once without."
    )


@router.get("", response_model=HoldList)
async def list_holds(accounts: AccountNames, _: Reader, client: Client) -> Response:
    """Return what is on hold with what waits behind each hold, releases under way, and the last releases."""
    return answer(await client.holds(accounts))


_KNOWN: dict[int | str, dict[str, Any]] = {200: {"model": HoldAnswer, "description": "The same is on hold already."}}


@router.post("", status_code=201, response_model=HoldAnswer, responses=CONFLICT | _KNOWN)
async def place_hold(body: HoldBody, by: Operator, client: Client, parts: Parts) -> Response:
    """Stop submits or approvals; running orders see it within a second. Holding the same again changes nothing.

    A hold on all accounts needs a token that covers all.
    """
    _require(by, body.account)
    if body.account is not None and body.account not in parts.accounts:
        raise AccountUnknown(body.account)
    held = await client.hold(body.what, reason=body.reason, account=body.account, route=body.route)
    return answer(held, 200 if held.known else 201)


@router.post("/{hold_id}/release", response_model=HoldRelease, responses=CONFLICT)
async def release_hold(hold_id: HoldId, body: ReleaseBody, by: Operator, client: Client) -> Response:
    """Release a hold: new calls pass at once, and the orders that wait are released, the oldest first.

    A release that is under way gets another rate.
    """
    held = next((hold for hold in await client.known_holds() if hold.id == hold_id), None)
    if held is not None:
        _require(by, held.account)
    return answer(await client.release(hold_id, reason=body.reason, rate=body.rate))


def _require(by: Caller, account: str | None) -> None:
    """Make sure that a token covers what a hold covers.

    Raises:
        Forbidden: It does not.
    """
    if account is not None:
        by.require_account(account)
    elif by.own_accounts is not None:
        message = f"the token {by.name} does not cover all accounts, which this hold does"
        raise Forbidden("account_not_allowed", message, "name an account, or use a token that covers all")
