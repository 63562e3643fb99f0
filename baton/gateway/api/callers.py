"""What a route of the order API needs of a request: who calls, and for which partner account."""

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import Depends, Query, Request, Security
from fastapi.security import HTTPBearer

from baton.accounts.tokens import Caller, Verb
from baton.client import BatonClient
from baton.errors import AccountUnknown
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
        AccountUnknown: There is no such account.
    """
    found: Caller = request.state.caller
    return _checked(found, parts_of(request), account or found.usual_account)


def with_account(caller: Caller, parts: GatewayParts, content: dict[str, Any]) -> dict[str, Any]:
    """Return a document with the account that it is for; what is no name is left to the document's own check.

    Raises:
        Forbidden: The token does not cover the account.
        AccountUnknown: There is no such account.
    """
    name = content.get("account", caller.usual_account)
    return {**content, "account": _checked(caller, parts, name) if isinstance(name, str) else name}


def _checked(caller: Caller, parts: GatewayParts, name: str) -> str:
    caller.require_account(name)
    if name not in parts.accounts:
        raise AccountUnknown(name)
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
