"""`/metrics` of the gateway: what it counts of webhooks, and who may read it."""

import pytest
from pydantic import SecretStr

from baton.settings import Settings
from tests.gateway.world import event_of, running_gateway
from tests.metrics.exposition import value


async def count(gateway, name, **labels):
    answer = await gateway.http.get("/metrics")
    assert answer.status_code == 200
    return value(answer.text, name, **labels) or 0


async def test_an_accepted_webhook_is_counted_by_what_became_of_it(gateway, order):
    labels = {"account": "default", "result": "handed_over"}
    before = await count(gateway, "baton_webhooks_total", **labels)
    answered = await count(gateway, "baton_webhook_response_seconds_count")

    assert (await gateway.deliver(order.order_id, "swapping")).status_code == 200

    assert await count(gateway, "baton_webhooks_total", **labels) == before + 1
    assert await count(gateway, "baton_webhook_response_seconds_count") == answered + 1


@pytest.mark.parametrize(
    ("given", "account", "cause"),
    [
        ({"secret": "whsec_wrong"}, "default", "mismatch"),
        ({"age": 4000.0}, "default", "stale"),
        ({"account": "bare"}, "bare", "no_secret"),
        ({"account": "somebody-else"}, "", "unknown_account"),
    ],
)
async def test_a_rejected_webhook_is_counted_by_its_cause(gateway, given, account, cause):
    before = await count(gateway, "baton_webhooks_rejected_total", account=account, cause=cause)

    response = await gateway.post(event_of("ord_1", "swapping"), **given)

    assert response.json()["error"]["code"] == cause
    assert await count(gateway, "baton_webhooks_rejected_total", account=account, cause=cause) == before + 1


async def test_accounts_are_shown_before_their_first_webhook(gateway):
    text = (await gateway.http.get("/metrics")).text
    assert value(text, "baton_webhooks_total", account="other", result="adopted") is not None
    assert value(text, "baton_webhooks_expected", account="other") == 1


async def test_with_a_token_a_scrape_needs_it(gateway_temporal, ledger):
    settings = Settings(bind="0.0.0.0", metrics_token=SecretStr("metrics-token"))
    async with running_gateway(gateway_temporal, ledger, settings=settings) as gateway:
        refused = await gateway.http.get("/metrics")
        wrong = await gateway.http.get("/metrics", headers={"Authorization": "Bearer other"})
        served = await gateway.http.get("/metrics", headers={"Authorization": "Bearer metrics-token"})

    assert (refused.status_code, wrong.status_code, served.status_code) == (403, 403, 200)
    assert "baton_" not in refused.text
    assert "metrics-token" not in served.text


async def test_a_gateway_that_others_reach_shows_nothing_without_a_token(gateway_temporal, ledger):
    async with running_gateway(gateway_temporal, ledger, settings=Settings(bind="0.0.0.0")) as gateway:
        assert (await gateway.http.get("/metrics")).status_code == 403
