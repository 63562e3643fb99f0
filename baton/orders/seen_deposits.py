"""What a deposit on the chain means to its order. Pure.

Each deposit has a verdict. The one that pays is submitted once it has enough confirmations; where the verdict leaves
open what to do, a person is asked. The business, the chain and Orchestra may all report a deposit: the first report
counts, and the others agree or disagree with it.
"""

from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ValidationError

from baton.chains.deposits import Deposit, DepositState, reaches
from baton.encoding.amounts import Time
from baton.encoding.units import in_words
from baton.orchestra.models import MAX_ADDRESS, Quote
from baton.orchestra.proofs import DepositProof, ProofShape, shape_for

MAX_SEEN_DEPOSITS = 50
"""How many deposits an order keeps. Anybody can send dust to an address, so other deposits may replace dust."""

BALANCE_INDEX = "balance:"
"""Prefix of the index of a deposit that only a balance shows; its transaction id is the block's."""

DUST_PARTS = 100
"""An amount below the agreed one divided by this is dust: nobody sent it as the deposit."""


class DepositVerdict(StrEnum):
    """What a deposit means to its order."""

    EXACT = "exact"
    SHORT = "short"
    """Less than agreed: Orchestra reprices it, or refunds it if the exact amount was required."""
    OVER = "over"
    DUST = "dust"
    WRONG_TOKEN = "wrong_token"  # noqa: S105 - a token of a chain
    UNKNOWN_TOKEN = "unknown_token"  # noqa: S105 - a token of a chain
    """Money from a contract that Baton does not know: it may be the right asset, so the order must not expire."""
    SECOND = "second"
    """Another deposit came first; one quote makes one order."""
    UNPROVEN = "unproven"
    """Only a balance shows it: there is no transaction to submit, so Orchestra must detect it by itself."""
    GONE = "gone"
    """Removed by a reorg, or replaced by another transaction."""


DISPENSABLE = frozenset({DepositVerdict.DUST, DepositVerdict.WRONG_TOKEN, DepositVerdict.UNKNOWN_TOKEN})
"""Verdicts on deposits that cost the sender almost nothing: other deposits replace them when there are too many."""


class DepositNotice(BaseModel):
    """A deposit as the chain's watcher reports it to an order.

    `submit_at` is the state in which the account's policy for this chain submits a deposit.
    """

    deposit: Deposit
    submit_at: DepositState = DepositState.CONFIRMED


class SeenDeposit(BaseModel):
    """A deposit on the chain, and what it means to the order."""

    deposit: Deposit
    submit_at: DepositState
    verdict: DepositVerdict
    quote_id: str
    first_seen_at: Time

    @property
    def ready(self) -> bool:
        """Whether it is confirmed enough to be submitted."""
        return self.verdict is not DepositVerdict.GONE and reaches(self.deposit.state, self.submit_at)

    @property
    def proof(self) -> DepositProof:
        """The proof that Orchestra's `/submit` takes."""
        return proof_of(self.deposit)


def open_notice(raw: Any) -> DepositNotice | None:
    """Return the notice in a signal's payload; None if it is not one, or too long to keep."""
    try:
        notice = DepositNotice.model_validate(raw)
    except ValidationError:
        return None
    texts = [value for value in vars(notice.deposit).values() if isinstance(value, str)]
    return notice if all(len(text) <= MAX_ADDRESS for text in texts) else None


def verdict_on(deposit: Deposit, quote: Quote, source_asset: str, others: list[SeenDeposit]) -> DepositVerdict:
    """Return what a deposit means to its order.

    Args:
        deposit: The deposit.
        quote: The quote with the address that received it.
        source_asset: Symbol of the asset that pays the order.
        others: The order's other deposits.
    """
    if deposit.state is DepositState.GONE:
        return DepositVerdict.GONE
    if deposit.index.startswith(BALANCE_INDEX):
        return DepositVerdict.UNPROVEN
    if deposit.symbol != source_asset:
        return DepositVerdict.WRONG_TOKEN if deposit.symbol else DepositVerdict.UNKNOWN_TOKEN
    if deposit.amount * DUST_PARTS < quote.amount_in:
        return DepositVerdict.DUST
    if payable(others) is not None:
        return DepositVerdict.SECOND
    if deposit.amount < quote.amount_in:
        return DepositVerdict.SHORT
    return DepositVerdict.OVER if deposit.amount > quote.amount_in else DepositVerdict.EXACT


PAYS = frozenset({DepositVerdict.EXACT, DepositVerdict.SHORT, DepositVerdict.OVER})
"""Verdicts on deposits that pay the order."""


def payable(deposits: list[SeenDeposit]) -> SeenDeposit | None:
    """Return the deposit that pays the order, the first of several; None if there is none."""
    return next((seen for seen in deposits if seen.verdict in PAYS), None)


def is_money(deposits: list[SeenDeposit]) -> bool:
    """Whether any deposit pays the order or may turn out to pay it; if so, the order must not expire."""
    return any(seen.verdict in PAYS or seen.verdict is DepositVerdict.UNKNOWN_TOKEN for seen in deposits)


def proof_of(deposit: Deposit) -> DepositProof:
    """Return a deposit's proof in the form of its chain."""
    match shape_for(deposit.chain):
        case ProofShape.BITCOIN:
            return DepositProof(bitcoin_txid=deposit.tx_id, bitcoin_vout=int(deposit.index))
        case ProofShape.SPARK:
            return DepositProof(spark_tx_hash=deposit.tx_id, source_spark_address=deposit.sender)
        case _:
            return DepositProof(tx_hash=deposit.tx_id)


def explain(seen: SeenDeposit) -> str:
    """Return the sentence for a person who must decide about a deposit."""
    deposit = seen.deposit
    transfer = f"{in_words(deposit.amount, deposit.symbol or deposit.asset, deposit.decimals)} in {deposit.tx_id}"
    if seen.verdict is DepositVerdict.WRONG_TOKEN:
        return f"a deposit of another asset came to the address: {transfer}; it is not submitted"
    if seen.verdict is DepositVerdict.UNKNOWN_TOKEN:
        return f"a deposit of an unknown token came to the address: {transfer}; it is not submitted"
    if seen.verdict is DepositVerdict.SECOND:
        return f"a second deposit came: {transfer}; only the first is submitted"
    return f"the deposit is no longer on the chain: {transfer}"
