from collections.abc import Sequence

import pytest

from baton.chains.deposits import Deposit, Scan, Watch
from baton.chains.errors import ChainError, NoProvider, Throttled, WrongChain
from baton.chains.failover import FailoverReader

WATCHES = [Watch(address="a", since="2026-01-01T00:00:00Z")]
DOWN = NoProvider("unreachable", "one: the connection failed")


class StubReader:
    """A reader with given answers: scans or errors; the last one repeats."""

    def __init__(self, *answers: Scan | ChainError) -> None:
        self.answers = list(answers)
        self.cursors: list[str | None] = []
        self.closed = False

    async def scan(self, watches: Sequence[Watch], cursor: str | None) -> Scan:
        self.cursors.append(cursor)
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


async def test_the_first_reader_is_asked_again_after_its_cooldown() -> None:
    first, second = StubReader(DOWN, scan("first")), StubReader(scan("second"))
    clock = Clock()
    reader = FailoverReader([first, second], cooldown=60, clock=clock)
    assert (await reader.scan(WATCHES, "c")).cursor == "second"
    assert (await reader.scan(WATCHES, "c")).cursor == "second"
    assert len(first.cursors) == 1
    clock.now = 60
    assert (await reader.scan(WATCHES, "c")).cursor == "first"


async def test_a_provider_that_asks_for_a_longer_cooldown_gets_it() -> None:
    first, second, clock = (
        StubReader(Throttled("throttled", "x", 600), scan("first")),
        StubReader(scan("second")),
        Clock(),
    )
    reader = FailoverReader([first, second], cooldown=60, clock=clock)
    await reader.scan(WATCHES, None)
    clock.now = 599
    assert (await reader.scan(WATCHES, None)).cursor == "second"
    clock.now = 600
    assert (await reader.scan(WATCHES, None)).cursor == "first"


async def test_when_all_fail_the_last_error_has_the_shortest_wait() -> None:
    last = NoProvider("no_answer", "two: no answer")
    reader = FailoverReader([StubReader(Throttled("throttled", "x", 30)), StubReader(last)])
    with pytest.raises(NoProvider, match="two: no answer") as error:
        await reader.scan(WATCHES, None)
    assert error.value.retry_after == 30


async def test_a_reader_in_cooldown_is_asked_if_no_other_answers() -> None:
    only = StubReader(DOWN, scan("again"))
    reader = FailoverReader([only])
    with pytest.raises(NoProvider):
        await reader.scan(WATCHES, None)
    assert (await reader.scan(WATCHES, None)).cursor == "again"


async def test_a_provider_of_another_chain_is_excluded_for_good() -> None:
    wrong, right, clock = (
        StubReader(WrongChain("wrong_chain", "one: serves chain 1")),
        StubReader(scan("right")),
        Clock(),
    )
    reader = FailoverReader([wrong, right], clock=clock)
    await reader.scan(WATCHES, None)
    clock.now = 1e9
    assert (await reader.scan(WATCHES, None)).cursor == "right"
    assert len(wrong.cursors) == 1


async def test_every_scan_fails_if_all_providers_serve_another_chain() -> None:
    reader = FailoverReader([StubReader(WrongChain("wrong_chain", "one: serves chain 1"))])
    for _ in range(2):
        with pytest.raises(WrongChain, match="one: serves chain 1"):
            await reader.scan(WATCHES, None)


async def test_a_lagging_provider_is_skipped() -> None:
    lagging, good = StubReader(scan("old", frozenset({"a"}))), StubReader(scan("new"))
    assert (await FailoverReader([lagging, good]).scan(WATCHES, "old")).cursor == "new"


async def test_a_lagging_provider_is_used_if_no_other_answers() -> None:
    reader = FailoverReader([StubReader(scan("old", frozenset({"a"}))), StubReader(DOWN)])
    assert (await reader.scan(WATCHES, "old")).unread == {"a"}


async def test_one_unread_address_of_several_causes_no_fallback() -> None:
    watches = [*WATCHES, Watch(address="b", since="2026-01-01T00:00:00Z")]
    first = StubReader(scan("first", frozenset({"a"})))
    assert (await FailoverReader([first, StubReader(scan("second"))]).scan(watches, None)).cursor == "first"


async def test_a_recheck_falls_back_too_and_all_connections_are_closed() -> None:
    deposit = Deposit(chain="base", address="a", asset="native", tx_id="t", index="0", amount=1)
    readers = [StubReader(DOWN), StubReader(scan("x"))]
    reader = FailoverReader(readers)
    assert await reader.recheck(deposit) == deposit
    await reader.aclose()
    assert all(stub.closed for stub in readers)


async def test_a_scan_that_stepped_over_something_lets_another_try() -> None:
    odd, good = StubReader(_stepped_over("odd")), StubReader(scan("good"))
    assert (await FailoverReader([odd, good]).scan(WATCHES, None)).cursor == "good"


async def test_what_no_provider_can_read_is_stepped_over() -> None:
    behind, odd = StubReader(scan("behind", frozenset({"a"}))), StubReader(_stepped_over("odd"))
    found = await FailoverReader([behind, odd, StubReader(DOWN)]).scan(WATCHES, None)
    assert (found.cursor, found.unreadable) == ("odd", ("one: cannot be read",))


def _stepped_over(cursor: str) -> Scan:
    return scan(cursor)._replace(unreadable=("one: cannot be read",), stepped_over=True)


async def test_a_second_opinion_is_asked_once_for_each_cooldown() -> None:
    first, second, clock = StubReader(_stepped_over("first")), StubReader(_stepped_over("second")), Clock()
    reader = FailoverReader([first, second], cooldown=60, clock=clock)
    for _ in range(5):
        await reader.scan(WATCHES, None)
    assert len(first.cursors) + len(second.cursors) == 6
    clock.now = 61
    second.answers = [scan("good")]
    found = [(await reader.scan(WATCHES, None)).cursor for _ in range(2)]
    assert found == ["good", "good"]


async def test_the_state_of_each_provider_says_why_it_rests() -> None:
    clock = Clock()
    wrong = StubReader(WrongChain("wrong_chain", "two: serves chain 1"))
    readers = [StubReader(DOWN, scan("one")), wrong, StubReader(scan("three"))]
    reader = FailoverReader(readers, cooldown=60, clock=clock, names=["one", "two", "three"])
    await reader.scan(WATCHES, "c")
    clock.now = 15

    one, two, three = reader.states()
    assert (one.name, one.resting_seconds, one.error) == ("one", 45, "one: the connection failed")
    assert (two.name, two.excluded, two.error) == ("two", True, "two: serves chain 1")
    assert (three.name, three.resting_seconds, three.error) == ("three", 0, None)

    clock.now = 60
    await reader.scan(WATCHES, "c")
    assert [state.error for state in reader.states()] == [None, "two: serves chain 1", None]
