"""The lifecycle is the published transition table, edge by edge."""

import pytest

from baton.orchestra.lifecycle import (
    EVENTS,
    FIRST,
    HARD_ENDS,
    INFORMATION_EVENTS,
    LEGACY_EVENTS,
    PUBLIC_EDGES,
    SILENT,
    SILENT_EDGES,
    SOFT_ENDS,
    Status,
    is_hard_end,
    is_soft_end,
    known,
    may_follow,
    public,
)

# The published table as printed, with the pauses and expiries that have no webhook.
TABLE = """
processing: confirming bridging swapping awaiting_approval paused refunding delivering completed failed expired \
unfulfilled refunded
confirming: bridging swapping refunding paused delivering completed failed expired refunded
bridging: swapping paused delivering completed failed refunded
swapping: awaiting_approval paused refunding bridging delivering completed failed refunded
awaiting_approval: processing confirming swapping refunding paused failed refunded
paused: processing failed
refunding: paused refunded failed
delivering: confirming paused refunding completed failed refunded
unfulfilled: confirming bridging swapping delivering completed
completed:
failed:
expired:
refunded:
"""
PRINTED = {
    (before, after)
    for before, _, row in (line.partition(":") for line in TABLE.strip().splitlines())
    for after in row.split()
}
HIDDEN = {"paused", "expired"}
PUBLIC_PRINTED = {edge for edge in PRINTED if not HIDDEN & set(edge)}
HAPPY_PATHS = [
    "processing bridging swapping delivering completed",
    "processing swapping bridging delivering completed",
    "processing confirming swapping bridging delivering completed",
    "processing awaiting_approval processing swapping bridging delivering completed",
    "processing awaiting_approval confirming swapping bridging delivering completed",
    "processing confirming delivering completed",
    "processing swapping refunding refunded",
    "processing unfulfilled confirming swapping delivering completed",
]


def edges(table: dict[Status, frozenset[Status]]) -> set[tuple[str, str]]:
    return {(before.value, after.value) for before, row in table.items() for after in row}


def test_the_table_has_the_47_public_edges_and_its_first_row() -> None:
    assert edges(PUBLIC_EDGES) == PUBLIC_PRINTED
    assert len(PUBLIC_PRINTED) == 47
    assert FIRST == "processing"
    assert [status for status in Status if may_follow(None, status)] == [FIRST]


def test_the_silent_edges_are_those_of_a_pause_or_an_expiry() -> None:
    assert edges(SILENT_EDGES) == PRINTED - PUBLIC_PRINTED


def test_only_the_printed_edges_are_allowed() -> None:
    seen = {(a.value, b.value) for a in Status for b in Status if a != b and may_follow(a, b)}
    to_processing_after_a_pause = {(before, "processing") for before, after in PRINTED if after == "paused"}
    assert seen == PRINTED | (to_processing_after_a_pause - {("processing", "processing")})


@pytest.mark.parametrize("path", HAPPY_PATHS)
def test_a_documented_path_is_allowed_step_by_step(path: str) -> None:
    steps = [None, *path.split()]
    assert all(may_follow(before, after) for before, after in zip(steps, path.split(), strict=False))


@pytest.mark.parametrize("end", sorted(HARD_ENDS))
def test_nothing_known_follows_a_hard_end(end: Status) -> None:
    assert is_hard_end(end)
    assert [status for status in Status if may_follow(end, status)] == [end]


def test_only_unfulfilled_is_a_soft_end_and_a_deposit_resumes_it() -> None:
    assert frozenset({Status.UNFULFILLED}) == SOFT_ENDS
    assert is_soft_end("unfulfilled")
    assert not is_hard_end("unfulfilled")
    assert may_follow("unfulfilled", "confirming")


def test_hard_ends_are_the_rows_without_a_next_status() -> None:
    assert {status for status in Status if not PUBLIC_EDGES.get(status) and status != "paused"} == HARD_ENDS


@pytest.mark.parametrize("status", list(Status))
def test_a_status_has_an_event_of_its_own_unless_it_is_silent(status: Status) -> None:
    assert (f"order.{status}" in EVENTS) == (status not in SILENT)
    assert EVENTS.get(f"order.{status}", status) is status


def test_eleven_events_have_a_status_and_the_others_have_none() -> None:
    assert len(EVENTS) == 11
    assert LEGACY_EVENTS == {"order.expired": "expired"}
    assert not INFORMATION_EVENTS & (EVENTS.keys() | LEGACY_EVENTS.keys())


@pytest.mark.parametrize("unknown", ["teleporting", "", "PROCESSING", "order.processing"])
def test_an_unknown_status_is_never_forbidden(unknown: str) -> None:
    assert known(unknown) is None
    assert public(unknown) == unknown
    assert not is_hard_end(unknown)
    assert not is_soft_end(unknown)
    assert may_follow(None, unknown)
    assert may_follow("completed", unknown)
    assert may_follow(unknown, "processing")


def test_a_paused_order_is_shown_as_processing() -> None:
    assert public("paused") == "processing"
    assert [status for status in Status if public(status) != status] == ["paused"]


def test_a_missing_status_is_not_an_end() -> None:
    assert not is_hard_end(None)
    assert not is_soft_end(None)
