"""App fees that Orchestra reports after an order's workflow has closed are counted too."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from baton.gateway.deliveries import DeliveryRecords, delivery_of
from baton.ledger.ledger import Ledger
from baton.orchestra.models import WebhookEvent

ENTRY = {
    "idempotencyKey": "order:ord_1:full:appfee:0",
    "role": "app_fee",
    "affiliateId": "friend",
    "amount": "999",
    "platformCutAmount": "199",
    "recipientAmount": "800",
}


def event(**data: Any) -> WebhookEvent:
    order = {"id": "ord_1", "status": "completed", **data}
    return WebhookEvent.model_validate({"event": "order.completed", "data": order})


async def test_the_fees_of_a_late_webhook_are_counted_once(tmp_path: Path) -> None:
    late = event(feePayouts={"entries": [ENTRY]}, feePlan={"settlementChain": "solana", "settlementAsset": "USDC"})
    delivery = delivery_of("default", late, datetime.now(UTC)).model_copy(update={"workflow_id": "order/default/a"})
    async with await Ledger.open(f"sqlite:///{tmp_path / 'ledger.db'}") as ledger:
        for _ in range(2):
            await DeliveryRecords(ledger).record_late(delivery, late)

        (fee,) = await ledger.fee_payouts.of_affiliate("default", "friend")

    assert (fee.order_id, fee.workflow_id, fee.recipient_amount) == ("ord_1", "order/default/a", 800)
    assert (fee.chain, fee.asset) == ("solana", "USDC")
