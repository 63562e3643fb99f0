"""Whom a request is from: the connection's other end, or what listed proxies say, which nobody else can pretend."""

import pytest

from baton.process.trusted_proxies import TrustedProxies

PROXIES = TrustedProxies(["10.0.0.0/8", "192.0.2.7", "2001:db8:9::/48"])
PEER = "10.0.0.1"


def sender(*headers: tuple[str, str], peer: str = PEER) -> str:
    return PROXIES.client_of(peer, [(name.lower().encode(), value.encode()) for name, value in headers])


@pytest.mark.parametrize(
    ("said", "address"),
    [
        ("203.0.113.5", "203.0.113.5"),
        ("198.51.100.1, 203.0.113.5", "203.0.113.5"),
        ("198.51.100.1, 203.0.113.5, 10.9.9.9, 192.0.2.7", "203.0.113.5"),
        ("203.0.113.5:4711", "203.0.113.5"),
        ("[2001:db8::5]:4711", "2001:db8::5"),
        ("2001:db8::5, 2001:db8:9::1", "2001:db8::5"),
        ("::ffff:203.0.113.5", "203.0.113.5"),
        ("10.1.1.1, 10.2.2.2", "10.1.1.1"),
        ("203.0.113.5, nonsense", PEER),
        ("203.0.113.5, unknown, 10.1.1.1", "10.1.1.1"),
        ("", PEER),
        (",,,", PEER),
        ("203.0.113.5," + "10.0.0.2," * 5000 + "10.0.0.3", "10.0.0.2"),
    ],
)
def test_the_last_hop_that_no_proxy_has_is_the_sender(said: str, address: str) -> None:
    assert sender(("X-Forwarded-For", said)) == address


def test_headers_of_strangers_are_not_believed() -> None:
    assert sender(("X-Forwarded-For", "203.0.113.5"), peer="203.0.113.9") == "203.0.113.9"
    assert TrustedProxies().client_of(PEER, [(b"x-forwarded-for", b"203.0.113.5")]) == PEER


def test_several_headers_count_as_one_list() -> None:
    assert sender(("X-Forwarded-For", "198.51.100.1"), ("X-Forwarded-For", "203.0.113.5, 10.0.0.4")) == "203.0.113.5"


@pytest.mark.parametrize(
    ("said", "address"),
    [
        ("for=203.0.113.5;proto=https;by=10.0.0.1", "203.0.113.5"),
        ('For="[2001:db8::5]:4711"', "2001:db8::5"),
        ("for=198.51.100.1, for=203.0.113.5;host=x, for=10.0.0.4", "203.0.113.5"),
        ("for=_hidden, for=10.0.0.4", "10.0.0.4"),
        ("proto=https", PEER),
    ],
)
def test_the_standard_header_counts_as_well(said: str, address: str) -> None:
    assert sender(("Forwarded", said)) == address


def test_headers_that_contradict_each_other_count_for_nothing() -> None:
    assert sender(("Forwarded", "for=198.51.100.1"), ("X-Forwarded-For", "203.0.113.5")) == PEER
    assert sender(("Forwarded", "for=203.0.113.5"), ("X-Forwarded-For", "203.0.113.5")) == "203.0.113.5"


def test_only_a_listed_proxy_says_that_it_was_reached_over_tls() -> None:
    said = [(b"x-forwarded-proto", b"http, https")]
    assert PROXIES.is_https(PEER, said)
    assert not PROXIES.is_https("203.0.113.9", said)
    assert not PROXIES.is_https(PEER, [(b"x-forwarded-proto", b"https, http")])
    assert not PROXIES.is_https(PEER, [])
