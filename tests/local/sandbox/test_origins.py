"""Who may call the admin API: programs on this machine, but no web page and, unless opened, no other machine."""

import httpx
import pytest
from starlette.responses import PlainTextResponse

from baton.local.sandbox.admin.origins import OriginGuard
from tests.local.sandbox.partner import Partner, code_of


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://localhost:3000"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Host": "evil.example"},
        {"Host": "127.0.0.1.evil.example:8090"},
        {"Host": "evil.example:8090", "Origin": "http://evil.example:8090"},
        {"Host": "["},
    ],
    ids=str,
)
@pytest.mark.parametrize("call", ["GET /sandbox/orders", "POST /sandbox/clock", "GET /sandbox/unknown"])
async def test_a_call_of_a_strangers_web_page_is_refused(
    shared_partner: Partner, headers: dict[str, str], call: str
) -> None:
    method, path = call.split()
    answer = await shared_partner.http.request(method, path, headers=headers, content=b'{"advance": 0}')
    assert code_of(answer) == (403, "forbidden")


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Host": "localhost:8090"},
        {"Host": "sandbox.localhost"},
        {"Host": "sandbox:8090"},
        {"Host": "[::1]:8090", "Origin": "http://[::1]:8090"},
        {"Host": "127.0.0.1:8090", "Origin": "http://127.0.0.1:8090", "Sec-Fetch-Site": "same-origin"},
        {"Sec-Fetch-Site": "none"},
    ],
    ids=str,
)
async def test_a_call_of_a_program_or_of_the_address_bar_is_answered(
    shared_partner: Partner, headers: dict[str, str]
) -> None:
    assert (await shared_partner.http.get("/sandbox/health", headers=headers)).status_code == 200


async def test_the_partner_api_has_its_keys_and_needs_no_origin(shared_partner: Partner) -> None:
    answer = await shared_partner.http.get("/v1/webhooks", headers={"Host": "orchestra.example"})
    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("peer", "open_admin", "status"),
    [
        ("192.0.2.7", False, 403),
        ("192.0.2.7", True, 200),
        ("127.0.0.1", False, 200),
        ("::1", False, 200),
        ("::ffff:127.0.0.1", False, 200),
        ("2001:db8::1", False, 403),
    ],
)
async def test_another_machine_is_refused_unless_the_admin_api_is_open(
    peer: str, open_admin: bool, status: int
) -> None:
    guard = OriginGuard(PlainTextResponse("answered"), open_admin=open_admin)
    transport = httpx.ASGITransport(guard, client=(peer, 1))
    async with httpx.AsyncClient(transport=transport, base_url="http://192.0.2.1:8090") as http:
        assert (await http.get("/sandbox/health")).status_code == status
        assert (await http.get("/v1/orders")).status_code == 200
