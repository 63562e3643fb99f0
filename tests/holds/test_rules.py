"""Which calls a hold stops, and what requests change."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from temporalio.exceptions import ApplicationError

from baton.chains.catalogue import load_chains
from baton.holds.details import holds_details
from baton.holds.models import HeldCalls, HoldsState, OrdersReleased, PlaceHold, ReleaseHold
from baton.holds.rules import (
    MAX_HOLDS,
    check_hold,
    check_release,
    hold_over,
    note_released,
    place_hold,
    release_hold,
)
from baton.holds.start import holds_in, memo_of_holds
from baton.holds.unknown_names import assets_of, unknown_names

NOON = datetime(2026, 2, 1, 12, tzinfo=UTC)
SUBMITS, APPROVALS = HeldCalls.SUBMITS, HeldCalls.APPROVALS
ORDER = ("default", "base:USDC>spark:BTC")


def holding(*scopes: dict[str, Any]) -> HoldsState:
    state = HoldsState()
    for scope in scopes:
        place_hold(state, PlaceHold(**{"what": SUBMITS, "reason": "why", **scope}), NOON)
    return state


def release(state: HoldsState, hold_id: str, **fields: Any) -> None:
    release_hold(state, ReleaseHold(hold_id=hold_id, reason="well again", **fields), NOON)


@pytest.mark.parametrize(
    "scope", [{}, {"account": "default"}, {"route": "base"}, {"account": "default", "route": ">spark"}]
)
def test_a_hold_stops_the_calls_that_it_covers(scope: dict[str, Any]) -> None:
    held = hold_over(holding(scope), SUBMITS, *ORDER)

    assert held is not None
    assert (held.hold_id, held.what, held.reason, held.since) == ("hold-1", SUBMITS, "why", NOON)


@pytest.mark.parametrize(
    "scope", [{"what": APPROVALS}, {"account": "other"}, {"route": "solana"}, {"account": "other", "route": "base"}]
)
def test_a_hold_stops_no_other_calls(scope: dict[str, Any]) -> None:
    assert hold_over(holding(scope), SUBMITS, *ORDER) is None


def test_of_two_holds_the_older_one_is_named_until_it_is_released() -> None:
    state = holding({"route": "base"}, {})

    first = hold_over(state, SUBMITS, *ORDER)
    release(state, "hold-1")
    second = hold_over(state, SUBMITS, *ORDER, "hold-1")

    assert [held.hold_id for held in (first, second) if held] == ["hold-1", "hold-2"]


def test_the_same_calls_are_held_once() -> None:
    state = holding({"route": "base/USDC"})

    again = place_hold(state, PlaceHold(what=SUBMITS, reason="another reason", route="Base:usdc"), NOON)

    assert again.known
    assert (again.hold, len(state.holds)) == (state.holds[0], 1)


def test_ids_are_never_used_again() -> None:
    state = holding({})
    release(state, "hold-1")

    assert place_hold(state, PlaceHold(what=SUBMITS, reason="again"), NOON).hold.id == "hold-2"


def test_a_release_at_a_rate_lets_only_new_orders_pass() -> None:
    state = holding({})
    release(state, "hold-1", rate=5)

    assert hold_over(state, SUBMITS, *ORDER) is None
    waiting = hold_over(state, SUBMITS, *ORDER, "hold-1")
    assert waiting is not None
    assert waiting.hold_id == "hold-1"


def test_a_worker_that_is_behind_does_not_stop_a_released_order() -> None:
    state = holding({}, {"route": "base"})

    held = hold_over(state, SUBMITS, *ORDER, None, ["hold-1"])

    assert held is not None
    assert held.hold_id == "hold-2"
    assert hold_over(state, SUBMITS, *ORDER, None, ["hold-1", "hold-2"]) is None


def test_during_a_release_at_once_every_order_passes() -> None:
    state = holding({})
    release(state, "hold-1")

    assert hold_over(state, SUBMITS, *ORDER, "hold-1") is None


def test_after_its_release_an_order_that_was_missed_passes() -> None:
    state = holding({})
    release(state, "hold-1", rate=5)

    for told in (2, 1):
        note_released(state, state.releasing[0], OrdersReleased(released=told, done=True), NOON + timedelta(minutes=1))

    assert hold_over(state, SUBMITS, *ORDER, "hold-1") is None
    (done,) = state.released
    assert (done.released, done.finished_at) == (3, NOON + timedelta(minutes=1))


def test_the_parts_of_a_release_add_up() -> None:
    state = holding({})
    release(state, "hold-1", rate=5)

    for number in (1, 2):
        part = OrdersReleased(released=50, done=False, last_opened_at=NOON, last_workflow_id=f"order/default/{number}")
        note_released(state, state.releasing[0], part, NOON)

    (under_way,) = state.releasing
    assert (under_way.released, under_way.last_workflow_id) == (100, "order/default/2")


def test_a_release_under_way_can_get_another_rate() -> None:
    state = holding({})
    release(state, "hold-1", rate=0.5)
    faster = ReleaseHold(hold_id="hold-1", rate=50, reason="faster", by="olga")

    check_release(state, faster)
    release_hold(state, faster, NOON)

    (under_way,) = state.releasing
    assert (under_way.rate, under_way.reason, under_way.by) == (50, "faster", "olga")


@pytest.mark.parametrize("rate", [None, 0.5])
def test_a_repeated_release_changes_nothing(rate: float | None) -> None:
    state = holding({})
    release(state, "hold-1", rate=0.5)

    with pytest.raises(ApplicationError, match="released already"):
        check_release(state, ReleaseHold(hold_id="hold-1", rate=rate, reason="on a page that is old"))


@pytest.mark.parametrize(
    ("route", "unknown"),
    [
        ("bse", ["chain bse"]),
        ("base/UDSC>spark", ["asset UDSC on base"]),
        (">sprk", ["chain sprk"]),
        ("base/usdc>lightning/BTC", []),
        (None, []),
    ],
)
def test_names_that_no_catalogue_has_are_pointed_out(route: str | None, unknown: list[str]) -> None:
    (stopped,) = holding({"route": route}).holds

    assert unknown_names(stopped, assets_of(load_chains())) == unknown


@pytest.mark.parametrize(
    ("hold_id", "code", "remedy"), [("hold-1", "hold_released", "how far"), ("hold-9", "hold_unknown", "lists them")]
)
def test_what_is_not_on_hold_cannot_be_released(hold_id: str, code: str, remedy: str) -> None:
    state = holding({})
    release(state, "hold-1")

    with pytest.raises(ApplicationError, match=remedy) as refused:
        check_release(state, ReleaseHold(hold_id=hold_id, reason="why"))

    assert refused.value.type == code


def test_one_hold_too_many_is_refused_but_not_the_same_again() -> None:
    state = holding(*({"account": f"shop-{number}"} for number in range(MAX_HOLDS)))

    check_hold(state, PlaceHold(what=SUBMITS, reason="again", account="shop-1"))
    with pytest.raises(ApplicationError, match="release some") as refused:
        check_hold(state, PlaceHold(what=SUBMITS, reason="too many"))

    assert refused.value.type == "too_many_holds"


def test_a_hold_on_no_route_is_refused() -> None:
    with pytest.raises(ApplicationError, match=r"route: .*write CHAIN"):
        check_hold(HoldsState(), PlaceHold(what=SUBMITS, reason="why", route="base>"))


def test_the_memo_has_all_that_the_gate_needs_and_is_short() -> None:
    state = holding(*({"account": f"shop-{number}", "reason": "the node is behind"} for number in range(10)))
    release(state, "hold-1", rate=5)

    memo = memo_of_holds(state)
    read = holds_in(memo)

    assert (read.holds, read.releasing, read.count) == (state.holds, state.releasing, 10)
    assert len(str(memo)) < 2048


def test_the_details_show_holds_and_releases_on_one_line_each() -> None:
    state = holding({"route": "base", "reason": "two\nlines | and a bar"}, {"what": APPROVALS})
    release(state, "hold-2", rate=0.5)

    details = holds_details(state)

    assert "| hold-1 | submits on base | 2026-02-01 12:00:00 UTC | - | two lines \\| and a bar |" in details
    assert "0.5 a second | 0 so far |" in details
    assert holds_details(HoldsState()) == "Nothing is on hold."
