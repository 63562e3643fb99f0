"""However a chain grows, reorganises and is looked at: in the end what is known is what stands on it."""

from collections.abc import Callable
from dataclasses import dataclass, field

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from baton.chains.changes import Key, compare, merged
from baton.chains.deposits import Deposit, DepositState, Scan
from tests.chains.deposits import CONFIRMED, FINAL, GONE, SEEN, deposit

CONFIRMATIONS, FINALITY = 3, 6
_NEVER_CHANGES = (FINAL, GONE)


@dataclass
class Chain:
    """A chain of blocks, each with the transactions in it; the ones `FINALITY` deep stay for good."""

    blocks: list[tuple[str, tuple[str, ...]]] = field(default_factory=lambda: [("0xstart", ())])
    made: int = 0

    @property
    def head(self) -> int:
        return len(self.blocks) - 1

    @property
    def final(self) -> int:
        """Return the newest block that stays, as the chain's highest head so far says."""
        return max(self.head - FINALITY + 1, 0)

    def add(self, *transactions: str) -> None:
        self.made += 1
        self.blocks.append((f"0xblock{self.made}", transactions))

    def at(self, height: int, known_up_to: int) -> list[Deposit]:
        block_hash, transactions = self.blocks[height]
        depth = known_up_to - height + 1
        state = FINAL if depth >= FINALITY else CONFIRMED if depth >= CONFIRMATIONS else SEEN
        place = {"block_height": height, "block_hash": block_hash, "confirmations": depth, "state": state}
        return [deposit(one, **place) for one in transactions]

    def every(self) -> dict[str, Deposit]:
        told = [one for height in range(self.head + 1) for one in self.at(height, self.head)]
        return {one.tx_id: one for one in told}


@dataclass
class Watcher:
    """Does with a chain what the watching activity does, with a cursor that never passes what is not final."""

    chain: Chain
    known: dict[Key, Deposit] = field(default_factory=dict)
    cursor: int = 0

    def look(self, *, most: int, lag: int) -> None:
        """Look once through a provider that is `lag` blocks behind, with at most `most` blocks in one scan."""
        scans = [self._scan(self.cursor, most, lag)]
        while not scans[-1].caught_up and len(scans) < 2:
            scans.append(self._scan(int(scans[-1].cursor), most, lag))
        seen = merged(scans)
        changes = compare(self._known_in(seen), seen)
        found = [(one, self._rechecked(one)) for one in changes.missing]
        gone = [now or one.model_copy(update={"state": GONE}) for one, now in found]
        self.known |= {one.key: one for one in [*gone, *(news.now for news in changes.told)]}
        self.cursor = int(seen.cursor)

    def _known_in(self, seen: Scan) -> list[Deposit]:
        told = {one.tx_id for one in seen.deposits}
        return [one for one in self.known.values() if one.tx_id in told or one.state not in _NEVER_CHANGES]

    def _scan(self, first: int, most: int, lag: int) -> Scan:
        head = max(self.chain.head - lag, 0)
        if head < first - 1:
            return Scan([], str(first), head, frozenset({deposit().address}), from_height=first)
        final = max(head - FINALITY + 1, 0)
        # What is not final is read in one go, else the cursor would never get over it.
        last = head if first + most > final else first + most
        told = [one for height in range(first, last + 1) for one in self.chain.at(height, head)]
        cursor = max(first, min(last, final - 1) + 1)
        return Scan(told, str(cursor), last, caught_up=last >= head, from_height=first)

    def _rechecked(self, lost: Deposit) -> Deposit | None:
        return self.chain.every().get(lost.tx_id)


class Watching(RuleBasedStateMachine):
    """A chain that does what chains do, while it is watched through providers that do what those do."""

    def __init__(self) -> None:
        super().__init__()
        self.chain = Chain()
        self.watcher = Watcher(self.chain)
        self.paid = 0
        self.loose: list[str] = []

    @rule(deposits=st.integers(0, 2))
    def a_block_comes(self, deposits: int) -> None:
        fresh = [f"0xtx{self.paid + number}" for number in range(deposits)]
        self.paid += deposits
        self.chain.add(*fresh)

    @rule(blocks=st.integers(1, 8))
    def blocks_come(self, blocks: int) -> None:
        for _ in range(blocks):
            self.chain.add()

    @rule(depth=st.integers(1, FINALITY - 1), kept=st.booleans())
    def the_chain_reorganises(self, depth: int, kept: bool) -> None:
        """The newest blocks that may go do, and one more comes; what they held is mined again, or waits."""
        lost = self.chain.blocks[max(self.chain.head - depth, 0) + 1 :]
        del self.chain.blocks[max(self.chain.head - depth, 0) + 1 :]
        transactions = [one for _, held in lost for one in held]
        for _ in lost:
            self.chain.add()
        self.chain.add(*(transactions if kept else ()))
        self.loose += [] if kept else transactions

    @rule(wanted=st.integers(0, 5))
    def a_lost_transaction_is_mined_after_all(self, wanted: int) -> None:
        if self.loose:
            self.chain.add(self.loose.pop(wanted % len(self.loose)))

    @rule(most=st.integers(0, 5), lag=st.integers(0, 4))
    def somebody_looks(self, most: int, lag: int) -> None:
        self.watcher.look(most=most, lag=lag)

    @invariant()
    def what_is_final_stays_known_as_final(self) -> None:
        final = {key for key, one in self.watcher.known.items() if one.state is FINAL}
        assert final <= {one.key for one in self.chain.every().values()}

    def teardown(self) -> None:
        for _ in range(self.chain.head + 2):
            self.watcher.look(most=2, lag=0)
        standing = {one.tx_id: _place(one) for one in self.watcher.known.values() if one.state is not GONE}
        assert standing == {tx_id: _place(one) for tx_id, one in self.chain.every().items()}


def _place(one: Deposit) -> tuple[DepositState, str | None, int | None]:
    return one.state, one.block_hash, one.block_height


TestWatching: Callable[..., object] = Watching.TestCase
Watching.TestCase.settings = settings(
    max_examples=60, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
)
