"""The figures of the ledger in a scrape: of open orders, cached, and left out while the ledger is down."""

import asyncio
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import pytest_asyncio
from prometheus_client import CollectorRegistry, generate_latest
from temporalio.service import RPCError, RPCStatusCode

from baton.ledger.ledger import Ledger
from baton.ledger.notifications import Wanted
from baton.ledger.rows import EventRow
from baton.metrics import instruments, ledger_collector
from baton.metrics.ledger_collector import LedgerCollector, ReadEnded
from tests.ledger.conftest import ledger_url, postgres, postgres_url
from tests.ledger.examples import order
from tests.metrics.exposition import value

__all__ = ["ledger_url", "postgres", "postgres_url"]

NOW = datetime.now(UTC)


@pytest.fixture(autouse=True)
def now(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let `NOW` be the moment of each test: this file may be imported long before its tests run."""
    monkeypatch.setattr(sys.modules[__name__], "NOW", datetime.now(UTC))


@pytest_asyncio.fixture
async def ledger(ledger_url: str) -> AsyncIterator[Ledger]:
    async with await Ledger.open(ledger_url) as opened:
        yield opened


async def text_of(collector: LedgerCollector) -> str:
    await collector.refresh()
    registry = CollectorRegistry()
    registry.register(collector)
    return generate_latest(registry).decode()


async def scraped(ledger: Ledger) -> str:
    return await text_of(LedgerCollector(ledger))


def event(kind: str, number: int, **data: object) -> EventRow:
    own = {"workflow_id": f"order/default/{number}", "reference": str(number), "account": "default"}
    return EventRow.model_validate({**own, "id": f"evt_{number}", "type": kind, "occurred_at": NOW, "data": data})


async def put(ledger: Ledger, number: int, *events: EventRow, **fields: object) -> None:
    times = {"created_at": NOW - timedelta(hours=2), "updated_at": NOW - timedelta(hours=1)}
    row = order(f"order/default/{number}", **{**times, **fields})
    assert await ledger.write_order(row, [], events=events)


async def test_open_orders_are_counted_by_phase_and_status(ledger: Ledger) -> None:
    await put(ledger, 1, status="swapping")
    await put(ledger, 2, status="swapping", updated_at=NOW - timedelta(hours=3))
    await put(ledger, 3, phase="awaiting_deposit")
    await put(ledger, 4, phase="closed", status="completed", outcome="completed", closed_at=NOW)

    text = await scraped(ledger)

    swapping = {"account": "default", "phase": "tracking", "status": "swapping"}
    assert value(text, "baton_orders_open", **swapping) == 2
    assert value(text, "baton_orders_unchanged_seconds", **swapping) == pytest.approx(3 * 3600, abs=60)
    assert value(text, "baton_orders_open", account="default", phase="awaiting_deposit", status="none") == 1
    assert 'phase="closed"' not in text


async def test_statuses_that_nobody_knows_share_one_label(ledger: Ledger) -> None:
    await put(ledger, 1, status="teleporting")
    await put(ledger, 2, status="pondering")

    assert value(await scraped(ledger), "baton_orders_open", account="default", phase="tracking", status="other") == 2


async def test_orders_whose_planned_end_has_passed_are_counted(ledger: Ledger) -> None:
    await put(ledger, 1, next_deadline=NOW - timedelta(minutes=5))
    await put(ledger, 2, next_deadline=NOW + timedelta(minutes=5))
    ended = {"phase": "closed", "closed_at": NOW, "outcome": "completed"}
    await put(ledger, 3, next_deadline=NOW - timedelta(minutes=5), **ended)

    assert value(await scraped(ledger), "baton_orders_past_deadline", account="default", phase="tracking") == 1


async def test_an_order_counts_for_each_of_its_reasons(ledger: Ledger) -> None:
    since = (NOW - timedelta(hours=5)).isoformat()
    every = [{"reason": "overdue", "since": since}, {"reason": "second_deposit", "since": NOW.isoformat()}]
    await put(ledger, 1, attention="overdue", snapshot={"attentions": every})
    await put(ledger, 2, attention="tx_reverted", snapshot={})

    text = await scraped(ledger)

    assert value(text, "baton_attention_open", account="default", reason="overdue") == 1
    assert value(text, "baton_attention_open", account="default", reason="second_deposit") == 1
    assert value(text, "baton_attention_open", account="default", reason="refused_deposit") == 1
    assert value(text, "baton_attention_oldest_seconds", account="default", reason="overdue") == pytest.approx(
        5 * 3600, abs=60
    )


async def test_an_ended_order_counts_for_the_reasons_that_temporal_names(ledger: Ledger) -> None:
    ended = {"phase": "closed", "closed_at": NOW - timedelta(hours=3), "outcome": "completed"}
    since = (NOW - timedelta(hours=5)).isoformat()
    at_its_end = {"attention": "overdue", "snapshot": {"attentions": [{"reason": "overdue", "since": since}]}}
    await put(ledger, 1, **ended, **at_its_end)
    await put(ledger, 2, **ended, **at_its_end)
    await put(ledger, 3, **at_its_end)

    async def after_end() -> dict[str, list[str]]:
        return {"order/default/1": ["overdue", "late_deposit"], "order/default/3": ["overdue"]}

    text = await text_of(LedgerCollector(ledger, after_end))

    overdue, late = ({"account": "default", "reason": reason} for reason in ("overdue", "late_deposit"))
    assert value(text, "baton_attention_open", **overdue) == 2
    assert value(text, "baton_attention_open", **late) == 1
    assert value(text, "baton_attention_oldest_seconds", **overdue) == pytest.approx(5 * 3600, abs=60)
    assert value(text, "baton_attention_oldest_seconds", **late) == pytest.approx(3 * 3600, abs=60)


async def never_answers() -> dict[str, list[str]]:
    await asyncio.Event().wait()
    return {}


async def is_away() -> dict[str, list[str]]:
    raise RPCError("away", RPCStatusCode.UNAVAILABLE, b"")


async def has_never_connected() -> dict[str, list[str]]:
    raise RuntimeError("Failed client connect: nothing listens there")


@pytest.mark.parametrize("silent", [never_answers, is_away, has_never_connected])
async def test_without_temporal_all_attention_is_left_out(
    ledger: Ledger, silent: ReadEnded, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ledger_collector, "PATIENCE", 0.05)
    await put(ledger, 1, attention="overdue", snapshot={"attentions": [{"reason": "overdue"}]})
    failures = instruments.SCRAPE_FAILURES.labels("temporal")
    before = failures._value.get()

    text = await text_of(LedgerCollector(ledger, silent))

    assert "baton_attention" not in text
    assert "baton_orders_open{" in text
    assert failures._value.get() == before + 1


async def test_orders_behind_a_hold_are_counted(ledger: Ledger) -> None:
    await put(ledger, 1, hold="hold-1")
    await put(ledger, 2, hold="hold-2")
    await put(ledger, 3)

    assert value(await scraped(ledger), "baton_orders_held", account="default") == 2


async def test_events_since_the_start_are_counted_once(ledger: Ledger) -> None:
    await put(ledger, 1, event("order.placed", 1))
    collector = LedgerCollector(ledger, cached=0)
    before = await text_of(collector)
    await put(ledger, 2, event("order.placed", 2))
    ended = {"phase": "closed", "closed_at": NOW, "outcome": "refunded"}
    await put(ledger, 3, event("order.closed", 3, outcome="refunded"), **ended)

    await text_of(collector)
    after = await text_of(collector)

    assert value(before, "baton_order_events_total", account="default", type="order.placed") is None
    assert value(after, "baton_order_events_total", account="default", type="order.placed") == 1
    assert value(after, "baton_orders_closed_total", account="default", outcome="refunded") == 1


async def test_the_oldest_event_that_an_endpoint_lacks_has_an_age(ledger: Ledger) -> None:
    await put(ledger, 1, event("order.placed", 1))
    await ledger.endpoints.add_states(["shop", "crm"], from_start=True)
    await ledger.notifications.plan([Wanted("shop", "order/default/1", 1, 1)], ["shop", "crm"], 0, 1, NOW)

    text = await scraped(ledger)

    assert value(text, "baton_notifications_waiting_orders", endpoint="shop") == 1
    assert value(text, "baton_notifications_oldest_seconds", endpoint="shop") == pytest.approx(0, abs=60)
    assert value(text, "baton_notifications_waiting_orders", endpoint="crm") is None


async def test_what_was_read_is_shown_again_for_a_while(ledger: Ledger) -> None:
    collector = LedgerCollector(ledger, cached=60)
    await put(ledger, 1)
    first = await text_of(collector)
    await put(ledger, 2)

    assert await text_of(collector) == first


async def test_a_ledger_that_is_down_leaves_its_figures_out(tmp_path: Path) -> None:
    ledger = await Ledger.open(f"sqlite:///{tmp_path}/ledger.db")
    collector = LedgerCollector(ledger, cached=0)
    await put(ledger, 1)
    failures = instruments.SCRAPE_FAILURES.labels("ledger")
    assert "baton_orders_open{" in await text_of(collector)
    before = failures._value.get()
    await ledger.close()

    assert await text_of(collector) == ""
    assert failures._value.get() == before + 1
