"""`webhook.test`, the event of `baton webhook test`: it shows that a delivery gets in, and has no effect."""

import json

from temporalio.client import Client

from baton.gateway.webhooks import TEST_EVENT
from baton.ledger.ledger import Ledger
from baton.settings import PartnerAccount
from tests.gateway.world import SECRET, Gateway, running_gateway


def event_body(delivery_id: str) -> bytes:
    return json.dumps({"event": TEST_EVENT, "data": {"id": delivery_id, "status": "test"}}).encode()


async def test_a_test_delivery_is_recorded_and_adopts_nothing(gateway_temporal: Client, ledger: Ledger) -> None:
    accounts = {"default": PartnerAccount(unknown_orders="adopt", name="default", webhook_secrets=SECRET)}
    async with running_gateway(gateway_temporal, ledger, accounts=accounts) as gateway:
        response = await gateway.post(event_body("test_1"))

    assert (response.status_code, response.json()) == (200, {"status": "test"})
    (row,) = [row for row in await ledger.deliveries() if row.order_id == "test_1"]
    assert (row.disposition, row.detail, row.workflow_id) == ("unclaimed", "test", None)
    assert await ledger.find_workflow("default", order_id="test_1") is None


async def test_a_test_delivery_must_be_signed_like_any_other(gateway: Gateway, ledger: Ledger) -> None:
    response = await gateway.post(event_body("test_2"), secret="whsec_of_somebody_else")

    assert (response.status_code, response.json()["error"]["code"]) == (401, "mismatch")
    assert not [row for row in await ledger.deliveries() if row.order_id == "test_2"]
