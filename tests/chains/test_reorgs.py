"""After any sequence of blocks, reorgs and scans, the known deposits are those on the chain."""

from collections.abc import Callable
from dataclasses import dataclass, field

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from baton.chains.changes import compare, merged
from baton.chains.deposits import Deposit, DepositKey, DepositState, Scan
from tests.chains.deposits import CONFIRMED, FINAL, GONE, SEEN, deposit

CONFIRMATIONS, FINALITY = 3, 6
_NEVER_CHANGES = (FINAL, GONE)


@dataclass
class ReorgChain:
    """A chain of blocks, each with its transactions; blocks `FINALITY` deep never change."""

    blocks: list[tuple[str, tuple[str, ...]]] = field(default_factory=lambda: [("0xstart", ())])
    made: int = 0

    @property
    def head(self) -> int:
        return len(self.blocks) - 1

    @property
    def final(self) -> int:
        """Height of the newest final block."""
        return max(self.head - FINALITY + 1, 0)

    def add(self, *transactions: str) -> None:
        self.made += 1
        self.blocks.append((f"0xblock{self.made}", transactions))

    def at(self, height: int, known_up_to: int) -> list[Deposit]:
        block_hash, transactions = self.blocks[height]
        depth = known_up_to - height + 1
        state = FINAL if depth >= FINALITY else CONFIRMED if depth >= CONFIRMATIONS else SEEN
        place = {"block_height": height, "block_hash": block_hash, "confirmations": depth, "state": state}
        return [deposit(tx_id, **place) for tx_id in transactions]

    def deposits(self) -> dict[str, Deposit]:
        deposits = [found for height in range(self.head + 1) for found in self.at(height, self.head)]
        return {found.tx_id: found for found in deposits}


@dataclass
class ScanLoop:
    """Scans a chain as the watching activity does, with a cursor that never passes a block that is not final."""

    chain: ReorgChain
    known: dict[DepositKey, Deposit] = field(default_factory=dict)
    cursor: int = 0

    def run(self, *, most: int, lag: int) -> None:
        """Scan through a provider that is `lag` blocks behind, with at most `most` blocks in one scan."""
        scans = [self._scan(self.cursor, most, lag)]
        while not scans[-1].caught_up and len(scans) < 2:
            scans.append(self._scan(int(scans[-1].cursor), most, lag))
        scan = merged(scans)
        changes = compare(self._known_for(scan), scan)
        rechecks = [(missing, self._rechecked(missing)) for missing in changes.missing]
        settled = [present or missing.model_copy(update={"state": GONE}) for missing, present in rechecks]
        self.known |= {known.key: known for known in [*settled, *(news.now for news in changes.news)]}
        self.cursor = int(scan.cursor)

    def _known_for(self, scan: Scan) -> list[Deposit]:
        tx_ids = {found.tx_id for found in scan.deposits}
        return [known for known in self.known.values() if known.tx_id in tx_ids or known.state not in _NEVER_CHANGES]

    def _scan(self, first: int, most: int, lag: int) -> Scan:
        head = max(self.chain.head - lag, 0)
        if head < first - 1:
            return Scan([], str(first), head, frozenset({deposit().address}))
        final = max(head - FINALITY + 1, 0)
        # Blocks that are not final are read in one go, else the cursor would never pass them.
        last = head if first + most > final else first + most
        deposits = [found for height in range(first, last + 1) for found in self.chain.at(height, head)]
        cursor = max(first, min(last, final - 1) + 1)
        return Scan(deposits, str(cursor), last, caught_up=last >= head)

    def _rechecked(self, missing: Deposit) -> Deposit | None:
        return self.chain.deposits().get(missing.tx_id)


class ReorgMachine(RuleBasedStateMachine):
    """A chain that grows and has reorgs while it is scanned through providers that lag."""

    def __init__(self) -> None:
        super().__init__()
        self.chain = ReorgChain()
        self.scan_loop = ScanLoop(self.chain)
        self.paid = 0
        self.dropped: list[str] = []

    @rule(deposits=st.integers(0, 2))
    def add_block(self, deposits: int) -> None:
        fresh = [f"0xtx{self.paid + number}" for number in range(deposits)]
        self.paid += deposits
        self.chain.add(*fresh)

    @rule(blocks=st.integers(1, 8))
    def add_empty_blocks(self, blocks: int) -> None:
        for _ in range(blocks):
            self.chain.add()

    @rule(depth=st.integers(1, FINALITY - 1), kept=st.booleans())
    def reorganise(self, depth: int, kept: bool) -> None:
        """Replace the newest blocks and add one; their transactions are mined again at once, or dropped for now."""
        lost = self.chain.blocks[max(self.chain.head - depth, 0) + 1 :]
        del self.chain.blocks[max(self.chain.head - depth, 0) + 1 :]
        transactions = [tx_id for _, block in lost for tx_id in block]
        for _ in lost:
            self.chain.add()
        self.chain.add(*(transactions if kept else ()))
        self.dropped += [] if kept else transactions

    @rule(number=st.integers(0, 5))
    def mine_dropped_transaction(self, number: int) -> None:
        if self.dropped:
            self.chain.add(self.dropped.pop(number % len(self.dropped)))

    @rule(most=st.integers(0, 5), lag=st.integers(0, 4))
    def scan(self, most: int, lag: int) -> None:
        self.scan_loop.run(most=most, lag=lag)

    @invariant()
    def known_final_deposits_are_on_the_chain(self) -> None:
        final = {key for key, known in self.scan_loop.known.items() if known.state is FINAL}
        assert final <= {found.key for found in self.chain.deposits().values()}

    def teardown(self) -> None:
        for _ in range(self.chain.head + 2):
            self.scan_loop.run(most=2, lag=0)
        known = {known.tx_id: _place(known) for known in self.scan_loop.known.values() if known.state is not GONE}
        assert known == {tx_id: _place(found) for tx_id, found in self.chain.deposits().items()}


def _place(found: Deposit) -> tuple[DepositState, str | None, int | None]:
    return found.state, found.block_hash, found.block_height


TestReorgs: Callable[..., object] = ReorgMachine.TestCase
ReorgMachine.TestCase.settings = settings(
    max_examples=60, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
)
