"""What a route of the order API needs of a request: who calls, and for which partner account."""

from collections.abc import Callable
from typing import Annotated

from fastapi import Depends, Query, Request, Security
from fastapi.security import HTTPBearer

from baton.accounts.tokens import Caller, Verb
from baton.client import BatonClient
from baton.gateway.parts import GatewayParts
from baton.settings import ACCOUNT_NAME

# It only describes the header in the OpenAPI document: `ApiEdge` has checked the token before any route is called.
_BEARER = HTTPBearer(scheme_name="token", description="A token of `baton token new NAME`.", auto_error=False)


def caller(verb: Verb) -> Callable[..., Caller]:
    """Return the dependency of a route whose callers need a verb: it returns the caller.

    Args:
        verb: The verb that the token must have.
    """

    def checked(request: Request, _: Annotated[object, Security(_BEARER)] = None) -> Caller:
        found: Caller = request.state.caller
        found.require(verb)
        return found

    return checked


Reader = Annotated[Caller, Depends(caller(Verb.READ))]
Placer = Annotated[Caller, Depends(caller(Verb.PLACE))]
Reporter = Annotated[Caller, Depends(caller(Verb.REPORT))]
Decider = Annotated[Caller, Depends(caller(Verb.DECIDE))]
Operator = Annotated[Caller, Depends(caller(Verb.OPERATE))]


def parts_of(request: Request) -> GatewayParts:
    """Return what the gateway works with."""
    parts: GatewayParts = request.app.state.parts
    return parts


Parts = Annotated[GatewayParts, Depends(parts_of)]


def client_of(request: Request) -> BatonClient:
    """Return the client that acts under the name of the request's token."""
    found: Caller = request.state.caller
    return parts_of(request).client_for(found.name)


Client = Annotated[BatonClient, Depends(client_of)]


def account_of(
    request: Request,
    account: Annotated[
        str | None,
        Query(
            pattern=ACCOUNT_NAME,
            description="The partner account; by default the token's only one, else `default`.",
        ),
    ] = None,
) -> str:
    """Return the partner account of a request about one order.

    Raises:
        Forbidden: The token does not cover it.
    """
    found: Caller = request.state.caller
    name = account or found.usual_account
    found.require_account(name)
    return name


def accounts_of(
    request: Request,
    account: Annotated[str | None, Query(pattern=ACCOUNT_NAME, description="Only those of this account.")] = None,
) -> list[str] | None:
    """Return the partner accounts of a list: the one it names, else those of the token; None for all.

    Raises:
        Forbidden: The token does not cover the account.
    """
    found: Caller = request.state.caller
    if account is None:
        return found.own_accounts
    found.require_account(account)
    return [account]


AccountNames = Annotated[list[str] | None, Depends(accounts_of)]
AccountName = Annotated[str, Depends(account_of)]
