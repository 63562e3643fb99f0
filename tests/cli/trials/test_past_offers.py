"""Past ZeroConf offers read from the ledger."""

from datetime import timedelta
from typing import Any

import pytest

from baton.cli.trials import past_offers as history
from baton.cli.trials.past_offers import past_offers
from baton.ledger.ledger import Ledger
from baton.ledger.rows import OrderRow
from baton.orchestra.rules.zeroconf import ZeroConfOffer
from baton.orders.reports import ApprovalReport
from tests.cli.trials.offers import START, offer


def row(number: int, **fields: Any) -> OrderRow:
    at = START + timedelta(hours=number)
    return OrderRow(
        workflow_id=f"order/default/{number}",
        account=fields.pop("account", "default"),
        reference=str(number),
        phase="closed",
        created_at=at,
        updated_at=at,
        revision=1,
        snapshot={"approvals": fields.pop("approvals", [])},
    )


def report(hours: float) -> dict[str, Any]:
    declined = ApprovalReport(end="declined", by="policy", offer=ZeroConfOffer.model_validate(offer(hours)))
    return declined.model_dump(mode="json")


@pytest.fixture
async def ledger(tmp_path: Any) -> Any:
    async with await Ledger.open(f"sqlite:///{tmp_path / 'own.db'}") as opened:
        yield opened


async def test_past_offers_come_from_every_page_of_the_ledger(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "PAGE", 2)
    for number in range(5):
        await ledger.write_order(row(number, approvals=[report(number)]), [])
    await ledger.write_order(row(9, account="other", approvals=[report(9)]), [])
    await ledger.write_order(row(10, approvals=[{"end": "lapsed", "by": "policy"}]), [])
    await ledger.write_order(row(11, approvals=[{"end": "of a later version", "by": "policy"}]), [])
    progress: list[str] = []

    past = await past_offers(ledger, "default", None, progress.append)

    assert sorted(offer.reference or "" for offer in past.offers) == ["0", "1", "2", "3", "4"]
    assert past.incomplete == 1
    assert progress[-1] == "7 orders read, 5 offers found"


async def test_since_filters_by_offer_time_and_ends_the_search(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "PAGE", 1)
    for number, offered in ((0, 0), (1000, 1000), (1300, 2001), (2000, 2000)):
        await ledger.write_order(row(number, approvals=[report(offered)]), [])
    progress: list[str] = []

    past = await past_offers(ledger, "default", START + timedelta(hours=1990), progress.append)

    assert sorted(offer.reference or "" for offer in past.offers) == ["1300", "2000"]
    assert len(progress) == 3
