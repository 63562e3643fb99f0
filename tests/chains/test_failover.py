from collections.abc import Sequence

import pytest

from baton.chains.deposits import Deposit, Scan, Watch
from baton.chains.errors import ChainError, NoProvider, Throttled, WrongChain
from baton.chains.failover import FailoverReader

WATCHES = [Watch(address="a", since="2026-01-01T00:00:00Z")]
DOWN = NoProvider("unreachable", "one: the connection failed")


class Scripted:
    """A reader that answers with what it was given: scans or errors."""

    def __init__(self, *answers: Scan | ChainError) -> None:
        self.answers = list(answers)
        self.asked: list[str | None] = []
        self.closed = False

    async def scan(self, watches: Sequence[Watch], cursor: str | None) -> Scan:
        self.asked.append(cursor)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, ChainError):
            raise answer
        return answer

    async def recheck(self, deposit: Deposit) -> Deposit | None:
        await self.scan([], None)
        return deposit

    async def aclose(self) -> None:
        self.closed = True


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def scan(cursor: str, unread: frozenset[str] = frozenset()) -> Scan:
    return Scan([], cursor, 1, unread)


async def test_the_first_that_answers_is_used_and_the_first_comes_back_after_its_rest() -> None:
    first, second, clock = Scripted(DOWN, scan("first")), Scripted(scan("second")), Clock()
    reader = FailoverReader([first, second], cooldown=60, clock=clock)
    assert (await reader.scan(WATCHES, "c")).cursor == "second"
    assert (await reader.scan(WATCHES, "c")).cursor == "second"
    assert len(first.asked) == 1
    clock.now = 60
    assert (await reader.scan(WATCHES, "c")).cursor == "first"


async def test_a_provider_that_asks_for_a_longer_rest_gets_it() -> None:
    first, second, clock = Scripted(Throttled("throttled", "x", 600), scan("first")), Scripted(scan("second")), Clock()
    reader = FailoverReader([first, second], cooldown=60, clock=clock)
    await reader.scan(WATCHES, None)
    clock.now = 599
    assert (await reader.scan(WATCHES, None)).cursor == "second"
    clock.now = 600
    assert (await reader.scan(WATCHES, None)).cursor == "first"


async def test_when_all_fail_the_last_error_tells_the_shortest_wait() -> None:
    last = NoProvider("no_answer", "two: no answer")
    reader = FailoverReader([Scripted(Throttled("throttled", "x", 30)), Scripted(last)])
    with pytest.raises(NoProvider, match="two: no answer") as error:
        await reader.scan(WATCHES, None)
    assert error.value.retry_after == 30


async def test_who_rests_is_still_asked_when_no_other_answers() -> None:
    only = Scripted(DOWN, scan("again"))
    reader = FailoverReader([only])
    with pytest.raises(NoProvider):
        await reader.scan(WATCHES, None)
    assert (await reader.scan(WATCHES, None)).cursor == "again"


async def test_a_provider_of_another_chain_is_excluded_for_good_and_named() -> None:
    wrong, right, clock = Scripted(WrongChain("wrong_chain", "one: serves chain 1")), Scripted(scan("right")), Clock()
    reader = FailoverReader([wrong, right], clock=clock)
    await reader.scan(WATCHES, None)
    clock.now = 1e9
    assert (await reader.scan(WATCHES, None)).cursor == "right"
    assert len(wrong.asked) == 1
    assert reader.excluded == ("one: serves chain 1",)


async def test_when_every_provider_serves_another_chain_that_is_said_each_time() -> None:
    reader = FailoverReader([Scripted(WrongChain("wrong_chain", "one: serves chain 1"))])
    for _ in range(2):
        with pytest.raises(WrongChain, match="one: serves chain 1"):
            await reader.scan(WATCHES, None)


async def test_a_provider_that_lags_is_passed_over() -> None:
    lagging, good = Scripted(scan("old", frozenset({"a"}))), Scripted(scan("new"))
    assert (await FailoverReader([lagging, good]).scan(WATCHES, "old")).cursor == "new"


async def test_a_lagging_provider_is_better_than_none() -> None:
    reader = FailoverReader([Scripted(scan("old", frozenset({"a"}))), Scripted(DOWN)])
    assert (await reader.scan(WATCHES, "old")).unread == {"a"}


async def test_one_unread_address_of_several_is_no_reason_to_change() -> None:
    watches = [*WATCHES, Watch(address="b", since="2026-01-01T00:00:00Z")]
    first = Scripted(scan("first", frozenset({"a"})))
    assert (await FailoverReader([first, Scripted(scan("second"))]).scan(watches, None)).cursor == "first"


async def test_a_recheck_goes_the_same_way_and_all_connections_are_closed() -> None:
    deposit = Deposit(chain="base", address="a", asset="native", tx_id="t", index="0", amount=1)
    readers = [Scripted(DOWN), Scripted(scan("x"))]
    reader = FailoverReader(readers)
    assert await reader.recheck(deposit) == deposit
    await reader.aclose()
    assert all(one.closed for one in readers)
