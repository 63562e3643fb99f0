"""The inbox and the waiting lists with 1,000 orders that need a person, and a ledger with many closed ones."""

import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from baton.ledger.ledger import Ledger
from baton.orders.answers import Snapshot
from baton.orders.models import Attention, Outcome, Phase
from baton.orders.names import order_workflow_id
from baton.orders.record import order_row
from tests.end_to_end.world import World
from tests.gateway.ops.conftest import Desk, running_desk
from tests.gateway.ops.operators import OperatorBrowser

ATTENDED, CLOSED = 1_000, 1_000
PATIENCE = 1.0
"""Seconds that a page may take."""


@pytest.fixture(scope="module")
async def many(world: World, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Desk]:
    """A desk whose ledger has many orders that need a person."""
    placed = await world.place(scenario="stepped")
    await world.deposit_and_report(placed)
    example = await world.until(placed, phase="tracking")
    file = tmp_path_factory.mktemp("many") / "ledger.db"
    async with await Ledger.open(f"sqlite:///{file}") as ledger:
        for number in range(ATTENDED + CLOSED):
            await ledger.write_order(order_row(variant(example, number)), [])
        async with running_desk(world, ledger) as desk:
            yield desk


def variant(example: Snapshot, number: int) -> Snapshot:
    """Return another order like an example: the first ones need a person, the others have ended."""
    reference, needs = f"many-{number:04}", number < ATTENDED
    since = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=number)
    reason = "overdue" if number % 3 else "second_deposit"
    attention = Attention(reason=reason, message="waiting for an answer, longer than planned", since=since)
    changes = {
        "reference": reference,
        "workflow_id": order_workflow_id("default", reference),
        "opened_at": since,
        "attentions": [attention] if needs else [],
        "attention": attention if needs else None,
        "phase": Phase.TRACKING if needs else Phase.CLOSED,
        "outcome": None if needs else Outcome.COMPLETED,
        "closed_at": None if needs else since,
    }
    return example.model_copy(update=changes)


async def timed(browser: OperatorBrowser, path: str) -> tuple[str, float]:
    """Return a page and the seconds that it took, the least of three times: other tests may run beside."""
    took: list[float] = []
    for _ in range(3):
        started = time.perf_counter()
        text = await browser.read(path)
        took.append(time.perf_counter() - started)
    return text, min(took)


async def test_each_page_of_a_thousand_attentions_comes_within_a_second(many: Desk) -> None:
    async with many.browser() as ada:
        for path in ("/ops", "/ops?page=11&reason=overdue", "/ops?sort=amount", "/ops/waiting", "/ops/orders"):
            text, took = await timed(ada, path)
            assert "many-" in text or "/waiting" in path
            assert took < PATIENCE, f"{path} took {took:.2f} s"


async def test_a_thousand_attentions_are_counted_sorted_and_paged(many: Desk) -> None:
    async with many.browser() as ada:
        first, _ = await timed(ada, "/ops")
        assert f"Inbox {ATTENDED}" in first
        assert "Overdue 666" in first
        assert "Page 1 of 20" in first
        assert first.index("many-0000") < first.index("many-0001") < first.index("many-0049")
        last, _ = await timed(ada, "/ops?page=20")
        assert "many-0999" in last
        assert f"many-{ATTENDED:04}" not in last
