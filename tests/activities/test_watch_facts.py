"""What a watch reports of itself: when it last scanned, how far behind it is, and which providers rest."""

import pytest

from activities.support.watch_facts import continued, note_failure, note_scan
from baton.chains.errors import NoProvider
from baton.chains.failover import FailoverReader
from baton.orders.watch_messages import Watched
from tests.activities.chain_watch import ScriptedReader
from tests.chains.deposits import scan

READER = ScriptedReader([])
DOWN = NoProvider("unreachable", "node: cannot be reached")


def test_a_scan_to_the_newest_block_is_caught_up() -> None:
    watched = Watched()
    note_scan(watched, scan(head=20), READER)

    assert watched.scanned_at == watched.caught_up_at == watched.head_at
    assert (watched.scans, watched.head, watched.behind) == (1, 20, 0)


def test_a_scan_that_stopped_early_says_how_many_blocks_are_left() -> None:
    watched = Watched()
    note_scan(watched, scan(head=20, caught_up=False)._replace(tip=70), READER)

    assert (watched.behind, watched.caught_up_at) == (50, None)
    note_scan(watched, scan(head=40, caught_up=False), READER)
    assert watched.behind is None


def test_a_head_that_stays_keeps_its_time() -> None:
    watched = Watched()
    note_scan(watched, scan(head=20), READER)
    first = watched.head_at
    note_scan(watched, scan(head=20), READER)
    assert watched.head_at == first
    note_scan(watched, scan(head=21), READER)
    assert watched.head_at > first


def test_a_failure_lasts_until_a_scan_succeeds() -> None:
    watched = Watched()
    note_failure(watched, DOWN, READER)
    since = watched.failing_since
    note_failure(watched, DOWN, READER)

    assert (watched.failing_since, watched.trouble) == (since, "node: cannot be reached")
    note_scan(watched, scan(), READER)
    assert watched.failing_since is None


def test_the_next_stretch_knows_how_far_the_last_one_was() -> None:
    watched = Watched(addresses=5, scans=9, told=3)
    note_scan(watched, scan(head=20), READER)
    note_failure(watched, DOWN, READER)
    following = continued(watched)

    assert (following.addresses, following.scans, following.told) == (0, 0, 0)
    assert (following.head, following.caught_up_at) == (20, watched.caught_up_at)
    assert (following.failing_since, following.trouble) == (watched.failing_since, watched.trouble)


@pytest.mark.parametrize("noted", ["scan", "failure"])
def test_the_providers_are_reported_with_either_news(noted: str) -> None:
    watched, reader = Watched(), FailoverReader([READER], names=["rpc.example"])
    if noted == "scan":
        note_scan(watched, scan(), reader)
    else:
        note_failure(watched, DOWN, reader)

    assert [provider.name for provider in watched.providers] == ["rpc.example"]
