"""Notifications go to public hosts over TLS alone, unless a setting allows a network."""

import asyncio
import socket
import threading

import pytest

from baton.notifications import addresses
from baton.notifications.addresses import UrlRefused, check_url, networks_of, resolve

LOOPBACK = networks_of(["127.0.0.0/8", "::1/128"])


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/hook",
        "ftp://example.com/hook",
        "https://user:password@example.com/hook",
        "https:///hook",
        "not a url",
        "https://127.0.0.1/hook",
        "https://10.0.0.7/hook",
        "https://169.254.169.254/latest/meta-data",
        "https://[::1]/hook",
        "https://[::ffff:10.0.0.7]/hook",
        "https://[fd00::1]/hook",
        "https://0.0.0.0/hook",
        "https://224.0.0.1/hook",
        "https://[2002:7f00:1::]/hook",
        "https://[64:ff9b::7f00:1]/hook",
        "https://[64:ff9b:1::a00:1]/hook",
        "https://[::7f00:1]/hook",
        "https://[fec0::1]/hook",
    ],
)
def test_a_url_that_is_not_public_or_not_encrypted_is_refused(url: str) -> None:
    with pytest.raises(UrlRefused, match="url"):
        check_url(url, ())


def test_a_public_address_behind_a_nat64_gateway_is_taken() -> None:
    check_url("https://[64:ff9b::5db8:d822]/hook", ())


def test_a_public_url_is_taken() -> None:
    assert str(check_url("https://shop.example.com/hooks?tenant=1", ())) == "https://shop.example.com/hooks?tenant=1"


@pytest.mark.parametrize("url", ["http://127.0.0.1:8000/hook", "https://[::1]/hook", "http://[::ffff:127.0.0.1]/hook"])
def test_an_allowed_network_may_be_called_without_tls(url: str) -> None:
    check_url(url, LOOPBACK)


async def test_a_host_that_leads_into_the_network_is_refused_at_its_look_up() -> None:
    with pytest.raises(UrlRefused, match=r"127\.0\.0\.1.*BATON_NOTIFY_NETWORKS|::1.*BATON_NOTIFY_NETWORKS"):
        await resolve("https://localhost/hook", ())


async def test_an_allowed_network_does_not_allow_plain_http_elsewhere() -> None:
    with pytest.raises(UrlRefused, match="https"):
        await resolve("http://93.184.216.34/hook", LOOPBACK)


async def test_the_request_goes_to_the_address_that_was_checked() -> None:
    checked = await resolve("http://localhost:8123/hook?a=1", LOOPBACK)
    assert checked.target.host in ("127.0.0.1", "::1")
    assert checked.target.raw_path == b"/hook?a=1"
    assert checked.host_header == "localhost:8123"


async def test_a_name_server_that_does_not_answer_costs_one_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    asked, silence = [], threading.Event()

    def look_up(host: str, *_: object, **__: object) -> list[object]:
        asked.append(host)
        silence.wait(10)
        raise OSError("no answer")

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    monkeypatch.setattr(addresses, "LOOK_UP_TIMEOUT", 0.1)
    try:
        calls = [resolve("https://silent.example.com/hook", ()) for _ in range(40)]
        found = await asyncio.gather(*calls, return_exceptions=True)
    finally:
        silence.set()
    assert {str(each) for each in found} == {"the host of url was not looked up within 0.1 s"}
    assert asked == ["silent.example.com"]
