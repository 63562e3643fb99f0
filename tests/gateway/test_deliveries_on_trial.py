"""`webhook.test`: how `baton webhook test` finds out whether a delivery gets in, without any effect."""

import json

from temporalio.client import Client

from baton.gateway.webhooks import TEST_EVENT
from baton.ledger.ledger import Ledger
from baton.settings import PartnerAccount
from tests.gateway.world import SECRET, Gateway, running_gateway


def trial(name: str) -> bytes:
    return json.dumps({"event": TEST_EVENT, "data": {"id": name, "status": "test"}}).encode()


async def test_a_test_delivery_is_recorded_and_adopts_nothing(gateway_temporal: Client, ledger: Ledger) -> None:
    accounts = {"default": PartnerAccount(unknown_orders="adopt", name="default", webhook_secrets=SECRET)}
    async with running_gateway(gateway_temporal, ledger, accounts=accounts) as adopting:
        response = await adopting.post(trial("test_1"))

    assert (response.status_code, response.json()) == (200, {"status": "test"})
    (row,) = [row for row in await ledger.deliveries() if row.order_id == "test_1"]
    assert (row.disposition, row.detail, row.workflow_id) == ("unclaimed", "test", None)
    assert await ledger.find_workflow("default", order_id="test_1") is None


async def test_a_test_delivery_must_be_signed_like_any_other(gateway: Gateway, ledger: Ledger) -> None:
    response = await gateway.post(trial("test_2"), secret="whsec_of_somebody_else")

    assert (response.status_code, response.json()["error"]["code"]) == (401, "mismatch")
    assert not [row for row in await ledger.deliveries() if row.order_id == "test_2"]
