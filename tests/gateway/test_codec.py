"""The codec endpoint: who may have payloads decrypted, and from which pages."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from google.protobuf import json_format
from temporalio.api.common.v1 import Payload, Payloads
from temporalio.client import Client

from baton.accounts.tokens import TokenBook, TokenEntry, hash_of, new_token
from baton.encryption.keys import PayloadKeys, new_key
from baton.ledger.ledger import Ledger
from baton.payloads import encrypting_converter
from baton.settings import Settings
from tests.gateway.ops.operators import OperatorBrowser
from tests.gateway.world import running_gateway

UI = "http://localhost:8233"
CLEAR = Payload(metadata={"encoding": b"json/plain"}, data=b'{"recipient": "bc1q-ada"}')
TOKENS = {name: new_token() for name in ("all", "reader", "one_account")}
CONVERTER = encrypting_converter(PayloadKeys(text=new_key("k1")))


def entry(name: str, accounts: list[str], verbs: list[str]) -> TokenEntry:
    return TokenEntry(hash=hash_of(TOKENS[name]), accounts=accounts, verbs=verbs)


@pytest.fixture
async def http(tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    client = await Client.connect("127.0.0.1:1", lazy=True, data_converter=CONVERTER)
    tokens = TokenBook(
        own={
            "all": entry("all", ["*"], ["*"]),
            "reader": entry("reader", ["*"], ["read"]),
            "one_account": entry("one_account", ["default"], ["*"]),
        }
    )
    settings = Settings(ui_origins=[UI])
    async with (
        await Ledger.open(f"sqlite:///{tmp_path / 'ledger.db'}") as ledger,
        running_gateway(client, ledger, tokens=tokens, settings=settings) as gateway,
    ):
        yield gateway.http


def bearer(name: str) -> dict[str, str]:
    return {"authorization": f"Bearer {TOKENS[name]}"}


def document(*payloads: Payload) -> dict[str, Any]:
    return json_format.MessageToDict(Payloads(payloads=payloads))


async def sealed() -> Payload:
    assert CONVERTER.payload_codec is not None
    [found] = await CONVERTER.payload_codec.encode([CLEAR])
    return found


async def test_a_reader_of_all_accounts_sees_payloads_in_clear(http: httpx.AsyncClient) -> None:
    response = await http.post("/codec/decode", json=document(await sealed(), CLEAR), headers=bearer("reader"))
    assert (response.status_code, response.json()) == (200, document(CLEAR, CLEAR))
    assert response.headers["cache-control"] == "no-store"


async def test_an_operator_encrypts_what_the_ui_sends_to_workflows(http: httpx.AsyncClient) -> None:
    response = await http.post("/codec/encode", json=document(CLEAR), headers=bearer("all"))
    [hidden] = response.json()["payloads"]
    back = await http.post("/codec/decode", json={"payloads": [hidden]}, headers=bearer("all"))
    assert back.json() == document(CLEAR)
    assert hidden != document(CLEAR)["payloads"][0]


@pytest.mark.parametrize(
    ("path", "token", "status", "code"),
    [
        ("decode", None, 401, "token_missing"),
        ("decode", "one_account", 403, "account_not_allowed"),
        ("encode", "reader", 403, "verb_not_allowed"),
    ],
)
async def test_others_are_refused_before_their_body_is_read(
    http: httpx.AsyncClient, path: str, token: str | None, status: int, code: str
) -> None:
    headers = bearer(token) if token else {}
    response = await http.post(f"/codec/{path}", content=b"no JSON", headers=headers)
    assert (response.status_code, response.json()["error"]["code"]) == (status, code)


async def test_a_payload_of_a_missing_key_names_the_key(http: httpx.AsyncClient) -> None:
    other = encrypting_converter(PayloadKeys(text=new_key("k2"))).payload_codec
    assert other is not None
    response = await http.post("/codec/decode", json=document(*await other.encode([CLEAR])), headers=bearer("all"))
    assert response.status_code == 503
    assert "the key 'k2', which is not here" in response.json()["error"]["message"]


@pytest.mark.parametrize("body", [b"", b'{"payloads": 1}', b"\xff", b'{"x": []}', b'{"payloads":' + b"[" * 5000])
async def test_what_is_no_list_of_payloads_gets_one_clear_error(http: httpx.AsyncClient, body: bytes) -> None:
    response = await http.post("/codec/decode", content=body, headers=bearer("all"))
    assert (response.status_code, response.json()["error"]["code"]) == (400, "invalid_payloads")


async def test_millions_of_tiny_payloads_are_refused_at_once(http: httpx.AsyncClient) -> None:
    body = b'{"payloads":[' + b"{}," * 60_000 + b"{}]}"
    answer = await http.post("/codec/decode", content=body, headers=bearer("all"))
    assert (answer.status_code, answer.json()["error"]["code"]) == (413, "too_large")
    assert answer.json()["error"]["remedy"] == "send fewer"


async def test_as_many_payloads_as_a_page_of_events_has_are_decrypted(http: httpx.AsyncClient) -> None:
    many = document(*[await sealed()] * 5_000)
    answer = await http.post("/codec/decode", json=many, headers=bearer("reader"))
    assert (answer.status_code, len(answer.json()["payloads"])) == (200, 5_000)


async def test_only_the_ui_of_the_settings_may_call_from_a_page(http: httpx.AsyncClient) -> None:
    asked = {"access-control-request-method": "POST", "access-control-request-headers": "authorization,x-namespace"}
    ui = await http.options("/codec/decode", headers={"origin": UI, **asked})
    assert (ui.status_code, ui.headers["access-control-allow-origin"]) == (200, UI)
    stranger = await http.options("/codec/decode", headers={"origin": "https://evil.example", **asked})
    assert stranger.status_code == 400
    assert "access-control-allow-origin" not in stranger.headers


async def test_a_login_to_the_operator_page_decrypts_for_the_ui(http: httpx.AsyncClient) -> None:
    stranger = await http.post("/ops/codec/decode", json=document(CLEAR), headers=bearer("all"))
    assert stranger.status_code == 401
    browser = OperatorBrowser(http)
    assert (await browser.enter(TOKENS["reader"])).status_code == 303
    shown = await http.post("/ops/codec/decode", json=document(await sealed()), headers={"origin": UI})
    assert (shown.status_code, shown.json()) == (200, document(CLEAR))
    assert shown.headers["access-control-allow-credentials"] == "true"
    refused = await http.post("/ops/codec/encode", json=document(CLEAR))
    assert refused.json()["error"]["code"] == "verb_not_allowed"
