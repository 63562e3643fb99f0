"""What a planned read finds of an address, and what becomes of it: raised, cleared, resolved."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from baton.orders.models import Resolution
from baton.sources.at_orchestra import SourceAtOrchestra
from baton.sources.create_source import CreateSource
from baton.sources.messages import SourceSeen
from baton.sources.rules.attention import apply_seen, findings, is_news, note_held, resolve_reasons
from baton.sources.snapshot import source_snapshot_of
from baton.sources.state import SourcePhase, SourceState
from tests.sources.examples import NOON, accumulation

CREATED = SourceAtOrchestra(
    orchestra_id="acc_1",
    enabled=True,
    addresses={"base": "0xa", "arbitrum": "0xb"},
    destination="spark:BTC",
    recipient="spark1x",
    fee_bps=25,
    slippage_bps=50,
)


def shown(**changes: Any) -> SourceAtOrchestra:
    return CREATED.model_copy(update=changes)


def state(**fields: Any) -> SourceState:
    return SourceState(**{"phase": SourcePhase.ENABLED, "opened_at": NOON, "created": CREATED, **fields})


def see(known: SourceState, what: SourceAtOrchestra | None, hours: int = 0) -> None:
    apply_seen(known, SourceSeen(read_at=NOON + timedelta(hours=hours), shown=what))


def test_an_address_as_it_was_created_is_no_finding() -> None:
    assert findings(CREATED, CREATED) == {}


@pytest.mark.parametrize(
    "unknown",
    [
        {"enabled": None},
        {"fee_bps": None, "slippage_bps": None},
        {"destination": None, "recipient": None},
        {"addresses": {}},
        {"addresses": {**CREATED.addresses, "polygon": "0xc"}},
    ],
)
def test_what_orchestra_does_not_show_is_no_finding(unknown: dict[str, Any]) -> None:
    assert findings(CREATED, shown(**unknown)) == {}


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"fee_bps": 30}, "fee bps 25 became 30"),
        ({"slippage_bps": 0}, "slippage bps 50 became 0"),
        ({"recipient": "spark1y"}, "recipient spark1x became spark1y"),
        ({"addresses": {"base": "0xa"}}, "the address on arbitrum, 0xb, is gone"),
        ({"addresses": {"base": "0xz", "arbitrum": "0xb"}}, "the address on base, 0xa, became 0xz"),
    ],
)
def test_a_changed_term_is_named_with_both_values(changes: dict[str, Any], said: str) -> None:
    [(reason, message)] = findings(CREATED, shown(**changes)).items()

    assert reason == "changed_at_orchestra"
    assert message.endswith(said)


def test_a_disabled_address_with_another_fee_is_two_findings() -> None:
    assert set(findings(CREATED, shown(enabled=False, fee_bps=1))) == {"disabled_at_orchestra", "changed_at_orchestra"}


def test_a_finding_keeps_its_time_and_goes_with_its_cause() -> None:
    known = state()
    see(known, None)
    see(known, None, hours=24)
    assert known.attentions["missing_at_orchestra"].since == NOON
    assert known.attentions["missing_at_orchestra"].remedy

    see(known, CREATED, hours=48)
    assert known.attentions == {}
    assert known.observed_at == NOON + timedelta(hours=48)


def test_a_resolved_finding_stands_until_it_is_another_one() -> None:
    known = state()
    see(known, shown(fee_bps=30))
    resolve_reasons(known, Resolution(note="agreed"), NOON)

    see(known, shown(fee_bps=30), hours=24)
    assert known.attentions == {}
    see(known, shown(fee_bps=31), hours=48)
    assert [*known.attentions] == ["changed_at_orchestra"]


def test_a_finding_that_came_back_is_raised_again() -> None:
    known = state()
    see(known, None)
    resolve_reasons(known, Resolution(note="support looks"), NOON)
    see(known, CREATED, hours=24)

    see(known, None, hours=48)

    assert [*known.attentions] == ["missing_at_orchestra"]


def test_only_what_an_address_does_not_show_yet_is_news() -> None:
    source, known = CreateSource(account="default", reference="r", request=accumulation()), state()

    def news(what: SourceAtOrchestra | None) -> bool:
        return is_news(source_snapshot_of(source, known), what)

    assert not news(CREATED)
    assert news(None)
    see(known, None)
    assert not news(None)
    assert news(CREATED)
    resolve_reasons(known, Resolution(note="known"), datetime.now(UTC))
    assert not news(None)


def test_an_address_of_another_one_asks_a_person_once_until_it_is_its_own() -> None:
    known = state()
    assert note_held(known, {"base": "till-1"}, NOON)
    assert not note_held(known, {"base": "till-1"}, NOON)
    assert known.attentions["address_held"].message == (
        "the address on base is that of till-1; its deposits become orders of that one"
    )
    resolve_reasons(known, Resolution(note="the shop pays till-1"), NOON)
    assert not note_held(known, {"base": "till-1"}, NOON)
    assert note_held(known, {"base": "till-2"}, NOON)
    assert note_held(known, {}, NOON)
    assert (known.attentions, known.accepted) == ({}, {})


def test_a_planned_read_leaves_an_address_of_another_one_as_it_stands() -> None:
    known = state()
    note_held(known, {"base": "till-1"}, NOON)
    resolve_reasons(known, Resolution(note="the shop pays till-1"), NOON)
    source = CreateSource(account="default", reference="till-7", request=accumulation())
    assert not is_news(source_snapshot_of(source, known), CREATED)
    see(known, CREATED)
    assert list(known.accepted) == ["address_held"]
