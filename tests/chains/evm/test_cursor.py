"""Which watches an EVM cursor covers, and which still need a backfill."""

import secrets
from datetime import UTC, datetime

from baton.chains.evm.cursor import Backfill, EvmCursor, digest, digests_in, joined, parsed, with_watches

ADDRESS = "0x" + "c" * 40


def new_digest() -> str:
    return digest("0x" + secrets.token_hex(20), datetime(2026, 1, 1, tzinfo=UTC))


def test_a_watch_that_begins_after_the_cursor_needs_no_backfill() -> None:
    watch = new_digest()
    cursor = with_watches(EvmCursor(next=100, time=1000), {watch: 1001}, None)
    assert (cursor.known, cursor.parts) == ({watch}, ())


def test_a_watch_that_begins_earlier_has_a_backfill_until_it_is_read() -> None:
    early, late = new_digest(), new_digest()
    cursor = with_watches(EvmCursor(next=100, time=1000), {early: 1001, late: 500}, 40)
    assert cursor.parts == (Backfill(first=40, last=99, who=late),)
    assert digests_in(cursor.who) == {early}
    assert cursor.only([early, late]) == cursor
    read = cursor.model_copy(update={"parts": (cursor.parts[0].model_copy(update={"first": 100}),)})
    assert read.only([early, late]) == EvmCursor(next=100, time=1000, who=joined([early, late]))


def test_a_closed_watch_leaves_the_cursor() -> None:
    early, late = new_digest(), new_digest()
    cursor = with_watches(EvmCursor(next=100, time=1000), {early: 1001, late: 500}, 40)
    assert cursor.only([early]).parts == ()
    assert cursor.only([]).known == frozenset()


def test_a_cursor_survives_as_text_and_any_other_text_is_none() -> None:
    cursor = with_watches(EvmCursor(next=100, time=1000), {new_digest(): 500}, 40)
    assert parsed(cursor.model_dump_json()) == cursor
    assert parsed(None) is parsed("") is parsed("nonsense") is parsed('{"v": 1, "marks": {}}') is None


def test_the_cursor_of_a_thousand_addresses_is_eight_kilobytes() -> None:
    cursor = with_watches(EvmCursor(next=100, time=1000), {new_digest(): 2000 for _ in range(1000)}, None)
    assert len(cursor.model_dump_json()) < 8_200


def test_an_address_from_another_time_on_is_another_watch() -> None:
    times = [datetime(2026, 1, day, tzinfo=UTC) for day in (1, 2)]
    assert digest(ADDRESS, times[0]) != digest(ADDRESS, times[1])
