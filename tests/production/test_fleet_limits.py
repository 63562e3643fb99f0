"""What must hold for all workers together: read budget, caps and holds, with three workers and two gateways."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest

from activities.zeroconf import EXPOSURE_WINDOW
from baton.ledger.ledger import Ledger
from baton.orchestra.proofs import DepositProof
from baton.orders.answers import Placement
from baton.orders.models import Outcome
from baton.orders.reports import ApprovalEnd
from baton.settings import PartnerAccount
from bench.fleet import Fleet, running_fleet
from tests.end_to_end.test_onramps import ONRAMP
from tests.end_to_end.test_zeroconf import BITCOIN, GENEROUS, MOST_CREDIT
from tests.end_to_end.world import USDC_TO_BTC
from tests.production.business import http_client

pytestmark = [pytest.mark.production, pytest.mark.timeout(300)]

ORDERS = 12
ACCEPTED = 3
WITHIN_LIMIT = 3
"""Payments of 300 dollars within the limit of a payer, by default 999 dollars in a week."""
READS = 30
BUDGET: float = PartnerAccount.model_fields["reads_per_second"].default
BURST = 8
"""Reads that may go at once: those of one second, and one for each of the queue's four partitions."""


@pytest.fixture(scope="module")
async def fleet() -> AsyncIterator[Fleet]:
    async with running_fleet(workers=3, gateways=2, BATON_SANDBOX_STEP_SECONDS="0.1") as running:
        yield running


async def place(fleet: Fleet, reference: str, scenario: str | None = None, **fields: Any) -> Placement:
    placed = await fleet.baton.place({**USDC_TO_BTC, "reference": reference, **fields})
    if scenario:
        assert placed.quote_id
        await fleet.sandbox.set_scenario(scenario, placed.quote_id)
    return placed


async def pay(fleet: Fleet, placed: Placement) -> None:
    proof = await fleet.sandbox.deposit(placed.quote_id)
    await fleet.baton.report_deposit(placed.reference, DepositProof.model_validate(proof))


async def submits(fleet: Fleet) -> int:
    return len(await fleet.sandbox.requests("submit"))


async def test_a_cap_for_three_lets_three_of_twelve_offers_be_accepted(fleet: Fleet) -> None:
    policy = {"zeroconf": {**GENEROUS, "dailyCapSats": str(ACCEPTED * MOST_CREDIT)}}
    placed = [
        await place(fleet, f"capped-{number}", "zeroconf_accept_path", **BITCOIN, policy=policy)
        for number in range(ORDERS)
    ]
    await asyncio.gather(*(pay(fleet, order) for order in placed))
    await asyncio.gather(*(fleet.baton.wait(order.reference) for order in placed))
    reports = [(await fleet.baton.snapshot(order.reference)).approvals[0] for order in placed]
    accepted = [report for report in reports if report.end is ApprovalEnd.ACCEPTED]
    assert len(accepted) == ACCEPTED
    async with await Ledger.open(fleet.ledger_url) as ledger:
        credited = await ledger.credits.total("default", datetime.now(UTC) - EXPOSURE_WINDOW)
    assert credited == sum(report.offer.exposure_sats for report in accepted) <= ACCEPTED * MOST_CREDIT


async def test_a_limit_for_three_payments_lets_three_of_twelve_onramps_pass(fleet: Fleet) -> None:
    payer = {"payer": "customer-7", "amountFiatUsd": "300.00"}
    orders = [fleet.baton.place({**ONRAMP, **payer, "reference": f"topup-{number}"}) for number in range(ORDERS)]
    answers = await asyncio.gather(*orders, return_exceptions=True)
    refused = [answer for answer in answers if isinstance(answer, BaseException)]
    assert {getattr(error, "code", error) for error in refused} == {"payer_limit"}
    assert len(answers) - len(refused) == WITHIN_LIMIT
    assert len(await fleet.sandbox.requests("onramp")) == WITHIN_LIMIT


async def test_a_hold_through_one_gateway_is_kept_by_every_worker(fleet: Fleet) -> None:
    placed = [await place(fleet, f"held-{number}") for number in range(ORDERS)]
    before = await submits(fleet)
    async with http_client(fleet) as http:
        held = await http.post("/v1/holds", json={"what": "submits", "reason": "the bridge answers twice"})
        assert held.status_code == 201, held.text
        await asyncio.sleep(1)  # what is promised: within a second every worker knows it
        await asyncio.gather(*(pay(fleet, order) for order in placed))
        snapshots = [await fleet.baton.snapshot(order.reference) for order in placed]
        assert await submits(fleet) == before
        assert all(snapshot.order_id is None for snapshot in snapshots)
        path = f"/v1/holds/{held.json()['hold']['id']}/release"
        released = await http.post(path, json={"reason": "it answers once"})
        assert released.status_code == 200, released.text
    results = await asyncio.gather(*(fleet.baton.wait(order.reference) for order in placed))
    assert {result.outcome for result in results} == {Outcome.COMPLETED}
    assert await submits(fleet) == before + ORDERS


async def test_all_workers_together_keep_the_read_budget(fleet: Fleet) -> None:
    placed = [await place(fleet, f"read-{number}", "stepped") for number in range(READS)]
    before = len(await reads(fleet))
    await asyncio.gather(*(fleet.baton.refresh(order.reference) for order in placed))
    times = (await reads(fleet))[before:]
    assert len(times) >= READS
    assert len(times) <= BUDGET * (times[-1] - times[0]).total_seconds() + BURST


async def reads(fleet: Fleet) -> list[datetime]:
    """Return when Orchestra was asked about orders."""
    calls = [*await fleet.sandbox.requests("order"), *await fleet.sandbox.requests("status")]
    return sorted(datetime.fromisoformat(call["at"]) for call in calls)
