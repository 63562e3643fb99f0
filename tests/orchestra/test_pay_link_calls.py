"""Pay links are created, read, listed and disabled as the API documents it."""

import json
from typing import Any

import pytest

from baton.orchestra.errors import MalformedAnswer, Refused
from baton.orchestra.pay_link_models import PayLinkRequest
from tests.orchestra.calling import Recorder, client_of

LINK = {
    "id": "pl_1",
    "shortId": "DNHKySOZ",
    "shortUrl": "https://orchestration.flashnet.xyz/pay/DNHKySOZ",
    "label": "Tips",
    "amountOut": "25000000",
    "enabled": True,
    "createdAt": "2026-02-12T18:00:00.000Z",
    "somethingNew": {"a": 1},
}
REQUEST = PayLinkRequest(
    destination_chain="base", destination_asset="USDC", recipient_address="0x1", amount_out=25_000_000, label="Tips"
)


async def test_a_link_is_created_under_its_key_and_read_from_its_envelope() -> None:
    seen = Recorder({"payLink": LINK}, status=201)
    async with client_of(seen) as api:
        created = await api.create_pay_link(REQUEST, "link:1")

    assert (seen.asked.method, seen.asked.url.path) == ("POST", "/v1/pay-links")
    assert seen.asked.headers["X-Idempotency-Key"] == "link:1"
    assert json.loads(seen.asked.content) == {
        "destinationChain": "base",
        "destinationAsset": "USDC",
        "recipientAddress": "0x1",
        "amountOut": "25000000",
        "label": "Tips",
    }
    assert (created.id, created.short_url, created.amount_out) == ("pl_1", LINK["shortUrl"], 25_000_000)


@pytest.mark.parametrize("answer", [{"payLink": LINK}, LINK])
async def test_a_link_is_read_with_and_without_its_envelope(answer: dict[str, Any]) -> None:
    seen = Recorder(answer)
    async with client_of(seen) as api:
        link = await api.pay_link("pl_1")

    assert (seen.asked.method, seen.asked.url.path) == ("GET", "/v1/pay-links/pl_1")
    assert link.enabled


async def test_a_page_leaves_out_what_cannot_be_read() -> None:
    seen = Recorder({"payLinks": [LINK, {"label": "no id"}, 7]})
    async with client_of(seen) as api:
        links = await api.pay_links(2, 4)

    assert [link.id for link in links] == ["pl_1"]
    assert dict(seen.asked.url.params) == {"limit": "2", "offset": "4", "includeDisabled": "true"}


async def test_a_link_is_disabled_by_a_delete_under_a_key() -> None:
    seen = Recorder({"ok": True})
    async with client_of(seen) as api:
        await api.disable_pay_link("pl_1", "disable:1")

    assert (seen.asked.method, seen.asked.url.path) == ("DELETE", "/v1/pay-links/pl_1")
    assert seen.asked.headers["X-Idempotency-Key"] == "disable:1"


async def test_a_refused_link_keeps_the_apis_code() -> None:
    seen = Recorder({"error": {"code": "invalid_request", "message": "whole cents"}}, status=400)
    async with client_of(seen) as api:
        with pytest.raises(Refused) as refused:
            await api.create_pay_link(REQUEST, "link:1")
    assert refused.value.code == "invalid_request"


async def test_an_answer_without_an_id_is_malformed() -> None:
    async with client_of(Recorder({"payLink": {"shortId": "x"}})) as api:
        with pytest.raises(MalformedAnswer):
            await api.pay_link("pl_1")
