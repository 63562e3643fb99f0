"""Who may call: every route but the public ones needs a known token with the right verb, for the right account."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from temporalio.client import Client

from baton.accounts.tokens import TokenBook, TokenEntry, hash_of
from baton.gateway.api.app import create_api
from baton.gateway.api.schemas import openapi_document
from baton.gateway.parts import GatewayParts
from baton.ledger.ledger import Ledger
from tests.gateway.world import Gateway, running_gateway

PUBLIC = ("/docs", "/openapi.json", "/pay/", "/ops")
VERBS = ("read", "place", "report", "decide", "operate", "notify")
OWN = {verb: TokenEntry(hash=hash_of(f"token-of-{verb}"), accounts=["default"], verbs=[verb]) for verb in VERBS}


@pytest.fixture(scope="module")
async def api(gateway_temporal: Client, ledger: Ledger) -> AsyncIterator[Gateway]:
    async with running_gateway(gateway_temporal, ledger, tokens=TokenBook(own=OWN)) as running:
        yield running


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


async def calls(api: Gateway, *, of_accounts: bool = False) -> list[tuple[str, str]]:
    """Return the method and path of every call, or of those with an account, without parameters in their paths."""
    paths = (await api.http.get("/openapi.json")).json()["paths"]
    operations = [(method, path, call) for path, methods in paths.items() for method, call in methods.items()]
    assert len(operations) > 30
    wanted = [
        (method.upper(), re.sub(r"\{\w+\}", "x", path))
        for method, path, call in operations
        if not of_accounts or "account" in {parameter["name"] for parameter in call.get("parameters", [])}
    ]
    assert len(wanted) > 20
    return wanted


def test_every_route_is_under_v1_or_public() -> None:
    routes = create_api(GatewayParts({}, None, None, None)).routes  # type: ignore[arg-type]
    paths = [getattr(route, "path", "") for route in routes]
    assert [path for path in paths if path and not path.startswith(("/v1/", *PUBLIC))] == []


async def test_no_call_is_served_without_a_token(api: Gateway) -> None:
    for method, path in await calls(api):
        refused = await api.http.request(method, path)
        assert (refused.status_code, refused.json()["error"]["code"]) == (401, "token_missing"), path


async def may(api: Gateway, method: str, path: str, verb: str) -> bool:
    """Whether a token with one verb gets further than the check of its verb; no worker answers what it asks then."""
    try:
        answered = await api.http.request(method, path, headers=bearer(f"token-of-{verb}"), timeout=0.5)
    except httpx.ReadTimeout:
        return True
    return answered.status_code != 403 or answered.json()["error"]["code"] != "verb_not_allowed"


async def test_each_call_needs_a_verb_that_only_one_token_has(api: Gateway) -> None:
    found = {call: [verb for verb in VERBS if await may(api, *call, verb)] for call in await calls(api)}
    assert {call: verbs for call, verbs in found.items() if len(verbs) != 1} == {}
    assert found["POST", "/v1/orders"] == ["place"]
    assert found["POST", "/v1/orders/x/cancel"] == ["operate"]
    assert found["GET", "/v1/orders/x"] == ["read"]


async def test_no_call_serves_another_account(api: Gateway) -> None:
    for method, path in await calls(api, of_accounts=True):
        for verb in VERBS:
            answered = await api.http.request(
                method, path, params={"account": "other"}, headers=bearer(f"token-of-{verb}")
            )
            assert answered.status_code == 403, (method, path, verb)


async def test_a_document_for_another_account_is_refused(api: Gateway) -> None:
    document = {"account": "other", "reference": "x"}
    for path in ("/v1/orders", "/v1/addresses", "/v1/paylinks"):
        refused = await api.http.post(path, json=document, headers=bearer("token-of-place"))
        assert (refused.status_code, refused.json()["error"]["code"]) == (403, "account_not_allowed")


async def test_a_token_is_revoked_while_the_gateway_runs(
    gateway_temporal: Client, ledger: Ledger, tmp_path: Path
) -> None:
    file = tmp_path / "tokens.toml"
    file.write_text(f'[tokens.shop]\nhash = "{hash_of("token-of-shop")}"\naccounts = ["*"]\nverbs = ["*"]\n')
    async with running_gateway(gateway_temporal, ledger, tokens=TokenBook(file, pause=0)) as api:
        assert (await api.http.get("/v1/orders", headers=bearer("token-of-shop"))).status_code == 200
        file.write_text("# no tokens any more\n")
        refused = await api.http.get("/v1/orders", headers=bearer("token-of-shop"))
    assert (refused.status_code, refused.json()["error"]["code"]) == (401, "token_unknown")


def test_every_call_of_the_document_says_that_it_needs_a_token() -> None:
    document = openapi_document(create_api(GatewayParts({}, None, None, None)))  # type: ignore[arg-type]
    operations = [call for methods in document["paths"].values() for call in methods.values()]
    assert [call["operationId"] for call in operations if not call.get("security")] == []
