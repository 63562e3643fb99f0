"""Who may scrape: with a token its bearer alone, without one whoever is on this machine."""

import pytest

from baton.metrics.access import MetricsAccess
from baton.secret_values import SecretValue

NAME = "BATON_METRICS_TOKEN"


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost", "127.8.9.1"])
def test_a_process_on_loopback_shows_its_metrics_without_a_token(host: str) -> None:
    access = MetricsAccess(host, SecretValue(NAME))

    assert access.objection is None
    assert access.allows({})


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "10.0.0.1", "gateway.internal"])
def test_a_process_that_others_reach_shows_nothing_without_a_token(host: str) -> None:
    access = MetricsAccess(host, SecretValue(NAME))

    assert "Set BATON_METRICS_TOKEN" in str(access.objection)
    assert not access.allows({})


@pytest.mark.parametrize("header", ["x-forwarded-for", "forwarded", "x-real-ip", "via"])
def test_without_a_token_what_comes_through_a_proxy_is_refused(header: str) -> None:
    assert not MetricsAccess("127.0.0.1", SecretValue(NAME)).allows({header: "203.0.113.9"})


@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0"])
@pytest.mark.parametrize(
    ("given", "allowed"),
    [
        ("Bearer secret", True),
        ("bearer secret ", True),
        ("Bearer Secret", False),
        ("Bearer secret2", False),
        ("Bearer", False),
        ("Basic secret", False),
        ("Bearer sécret", False),
        ("", False),
    ],
)
def test_with_a_token_only_its_bearer_may_scrape(host: str, given: str, allowed: bool) -> None:
    access = MetricsAccess(host, SecretValue(NAME, "secret"))

    assert access.objection is None
    assert access.allows({"authorization": given}) is allowed
