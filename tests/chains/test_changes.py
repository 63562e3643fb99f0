"""A scan compared with the known deposits: each change is news once, and a missing deposit is one that was expected."""

import pytest

from baton.chains.changes import News, compare, merged
from baton.chains.deposits import NATIVE, Deposit, reaches
from tests.chains.deposits import CONFIRMED, FINAL, GONE, SEEN, deposit, in_block, scan

ADDRESS = deposit().address


def test_an_unknown_deposit_is_news() -> None:
    new = in_block(10)

    assert compare([], scan(new)) == ([News(None, new)], [])


def test_an_unchanged_deposit_is_not_news() -> None:
    known = in_block(10)

    assert compare([known], scan(known)) == ([], [])


def test_more_confirmations_alone_are_not_news() -> None:
    known = in_block(10, confirmations=1)

    assert compare([known], scan(known.model_copy(update={"confirmations": 2}))) == ([], [])


def test_a_deposit_that_became_confirmed_is_news() -> None:
    known, deeper = in_block(10), in_block(10, state=CONFIRMED)

    assert compare([known], scan(deeper)).news == [News(known, deeper)]


def test_a_deposit_in_another_block_is_news_even_in_the_same_state() -> None:
    known, moved = in_block(10), in_block(11)
    replaced = known.model_copy(update={"block_hash": "0xother10"})

    assert compare([known], scan(moved)).news == [News(known, moved)]
    assert compare([known], scan(replaced)).news == [News(known, replaced)]


def test_a_deposit_that_leaves_the_mempool_for_a_block_is_news() -> None:
    waiting, mined = deposit(block_height=None, block_hash=None), in_block(10)

    assert compare([waiting], scan(mined)).news == [News(waiting, mined)]


def test_two_transfers_of_one_transaction_are_two_deposits() -> None:
    first, second = in_block(10, index="0"), in_block(10, index="1")

    assert compare([first], scan(first, second)).news == [News(None, second)]


def test_a_final_deposit_reported_again_is_not_news() -> None:
    known = in_block(10, state=FINAL)
    from_another_reader = known.model_copy(update={"block_hash": None})

    assert compare([known], scan(from_another_reader)) == ([], [])


def test_a_gone_deposit_that_is_back_is_news() -> None:
    gone, back = in_block(10, state=GONE), in_block(10)

    assert compare([gone], scan(back)) == ([News(gone, back)], [])


def test_a_known_deposit_absent_from_a_scan_to_the_head_is_missing() -> None:
    known, waiting = in_block(10), deposit("0xwaiting", block_height=None, block_hash=None)

    assert compare([known, waiting], scan()) == ([], [known, waiting])


def test_nothing_is_missing_from_a_scan_that_stopped_before_the_head() -> None:
    assert compare([in_block(10)], scan(caught_up=False)) == ([], [])


def test_nothing_is_missing_at_an_address_that_could_not_be_read() -> None:
    elsewhere = in_block(10, "0xelsewhere", address="0xother")

    assert compare([in_block(10), elsewhere], scan(unread=frozenset({ADDRESS}))).missing == [elsewhere]


@pytest.mark.parametrize(("height", "is_missing"), [(4, True), (20, True), (21, False)])
def test_an_absent_deposit_up_to_the_head_is_missing_even_below_the_cursor(height: int, is_missing: bool) -> None:
    known = in_block(height)

    assert compare([known], scan(head=20)).missing == ([known] if is_missing else [])


def test_on_a_chain_without_a_head_an_absent_deposit_is_missing() -> None:
    known = in_block(4)

    assert compare([known], scan(head=None)).missing == [known]


@pytest.mark.parametrize("state", [FINAL, GONE])
def test_a_final_or_gone_deposit_is_never_missing(state: str) -> None:
    assert compare([in_block(10, state=state)], scan()) == ([], [])  # type: ignore[arg-type]


def test_merged_scans_report_the_deposits_of_all() -> None:
    below = scan(in_block(6, "0xbelow"), head=9, caught_up=False)
    above = scan(in_block(12, "0xabove"), head=20)

    both = merged([below, above])

    assert [found.tx_id for found in both.deposits] == ["0xbelow", "0xabove"]
    assert (both.head, both.caught_up, both.cursor) == (20, True, above.cursor)


def test_of_two_reports_of_a_deposit_the_later_one_counts() -> None:
    both = merged([scan(in_block(10)), scan(in_block(10, state=CONFIRMED))])

    assert [found.state for found in both.deposits] == [CONFIRMED]


def test_nothing_is_missing_if_the_last_merged_scan_stopped_early() -> None:
    both = merged([scan(head=9), scan(head=15, caught_up=False)])

    assert compare([in_block(7)], both).missing == []


def test_an_address_that_the_last_scan_could_not_read_is_unread() -> None:
    both = merged([scan(), scan(unread=frozenset({ADDRESS}))])

    assert compare([in_block(10)], both).missing == []


def test_merging_no_scan_is_an_error() -> None:
    with pytest.raises(ValueError, match="no scan"):
        merged([])


def test_a_state_reaches_itself_and_every_less_sure_state() -> None:
    in_order = [GONE, SEEN, CONFIRMED, FINAL]

    assert all(
        reaches(state, required) is (in_order.index(state) >= in_order.index(required))
        for state in in_order
        for required in in_order
    )


def test_one_scan_can_bring_every_kind_of_change() -> None:
    same, deeper, lost = in_block(6, "0xsame"), in_block(7, "0xdeeper"), in_block(8, "0xlost")
    new = in_block(20, "0xnew")
    now: list[Deposit] = [same, deeper.model_copy(update={"state": CONFIRMED}), new]

    changes = compare([same, deeper, lost], scan(*now))

    assert [news.now.tx_id for news in changes.news] == ["0xdeeper", "0xnew"]
    assert changes.missing == [lost]


def test_another_amount_is_news_even_of_a_final_deposit() -> None:
    known = in_block(10, state=FINAL, amount=60_000_000)
    whole = in_block(10, state=FINAL, amount=100_000_000)

    assert compare([known], scan(whole)).news == [News(known, whole)]


@pytest.mark.parametrize("state", [SEEN, FINAL])
def test_a_part_reported_on_its_own_before_is_gone_at_once(state: str) -> None:
    first, second = in_block(10, index="3", amount=60), in_block(10, index="5", amount=40, state=state)  # type: ignore[arg-type]
    whole = in_block(10, index="3", amount=100)

    changes = compare([first, second], scan(whole, caught_up=False))

    assert [(news.before, news.now.state) for news in changes.news] == [(second, GONE), (first, SEEN)]
    assert changes.missing == []


def test_an_output_beside_another_one_is_not_gone_at_once() -> None:
    first, second = (in_block(10, index=index, asset=NATIVE) for index in ("0", "1"))

    assert compare([first, second], scan(first)) == ([], [second])


def test_nothing_is_missing_if_a_provider_left_it_open() -> None:
    assert compare([in_block(10)], scan(proves_absence=False)) == ([], [])
    assert compare([in_block(10)], merged([scan(proves_absence=False), scan()])) == ([], [])


def test_merged_scans_name_what_any_stepped_over_once() -> None:
    both = merged([scan(unreadable=("a", "b")), scan(unreadable=("b",))])

    assert both.unreadable == ("a", "b")
