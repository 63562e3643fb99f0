"""What deposits seen on chain mean to an order. Pure.

Each has a verdict by name; the right one is submitted once it is as sure as wanted, and a person is asked where it is
unclear what to do. Reports by the business, the chain and Orchestra race: the first one counts, the others are noted as
agreeing or not (design decision 11).
"""

from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ValidationError

from baton.chains.changes import reaches
from baton.chains.deposits import Deposit, DepositState
from baton.encoding.amounts import Time
from baton.orchestra.models import Quote
from baton.orchestra.proofs import DepositProof, ProofShape, shape_for

MAX_SEEN_DEPOSITS = 50
"""Deposits of one order that are kept; anybody can send dust to an address, which then gives way."""

BALANCE_INDEX = "balance:"
"""How the index of a deposit begins that a balance alone shows; its transaction id is a block's."""

DUST_PARTS = 100
"""Less than one part in so many of what was agreed is dust: nobody meant it as the deposit."""


class DepositVerdict(StrEnum):
    """What a deposit is to its order."""

    EXACT = "exact"
    SHORT = "short"
    """Less than agreed: Orchestra reprices it, or refunds where the amount had to be met."""
    OVER = "over"
    DUST = "dust"
    WRONG_TOKEN = "wrong_token"  # noqa: S105 - a token of a chain
    SECOND = "second"
    """Another one came first; one quote makes one order."""
    UNPROVEN = "unproven"
    """Seen only as a change of a balance: there is no transaction to show, so it is left to Orchestra's own eyes."""
    GONE = "gone"
    """Removed by a reorganisation, or replaced by another transaction."""


NEEDS_A_PERSON = frozenset({DepositVerdict.WRONG_TOKEN, DepositVerdict.SECOND})

DISPENSABLE = frozenset({DepositVerdict.DUST, DepositVerdict.WRONG_TOKEN})
"""What anybody can send to an address for next to nothing: the first to make room where there are too many."""


class DepositNotice(BaseModel):
    """A deposit as the chain's watcher tells an order of it.

    `submit_at` is how sure a deposit must be before it is submitted, by the account's policy for that chain.
    """

    deposit: Deposit
    submit_at: DepositState = DepositState.CONFIRMED


class SeenDeposit(BaseModel):
    """A deposit that the chain showed, and what it is to the order."""

    deposit: Deposit
    submit_at: DepositState
    verdict: DepositVerdict
    quote_id: str
    first_seen_at: Time

    @property
    def ready(self) -> bool:
        """Tell whether it is as sure as a submit wants it."""
        return self.verdict is not DepositVerdict.GONE and reaches(self.deposit.state, self.submit_at)

    @property
    def proof(self) -> DepositProof:
        """Return the evidence that `/submit` wants."""
        return proof_of(self.deposit)


def open_notice(raw: Any) -> DepositNotice | None:
    """Read a notice as it came in a signal; None when it is not one."""
    try:
        return DepositNotice.model_validate(raw)
    except ValidationError:
        return None


def verdict_on(deposit: Deposit, quote: Quote, source_asset: str, others: list[SeenDeposit]) -> DepositVerdict:
    """Return what a deposit is to its order.

    Args:
        deposit: The deposit.
        quote: The quote whose address it came to.
        source_asset: What the order is paid in, by symbol.
        others: The order's other deposits.
    """
    if deposit.state is DepositState.GONE:
        return DepositVerdict.GONE
    if deposit.index.startswith(BALANCE_INDEX):
        return DepositVerdict.UNPROVEN
    if deposit.symbol != source_asset:
        return DepositVerdict.WRONG_TOKEN
    if deposit.amount * DUST_PARTS < quote.amount_in:
        return DepositVerdict.DUST
    if payable(others) is not None:
        return DepositVerdict.SECOND
    if deposit.amount < quote.amount_in:
        return DepositVerdict.SHORT
    return DepositVerdict.OVER if deposit.amount > quote.amount_in else DepositVerdict.EXACT


PAYS = frozenset({DepositVerdict.EXACT, DepositVerdict.SHORT, DepositVerdict.OVER})


def payable(sightings: list[SeenDeposit]) -> SeenDeposit | None:
    """Return the deposit that pays the order, the first that came; None where there is none."""
    return next((one for one in sightings if one.verdict in PAYS), None)


def proof_of(deposit: Deposit) -> DepositProof:
    """Return the evidence of a deposit in the shape of its chain."""
    match shape_for(deposit.chain):
        case ProofShape.BITCOIN:
            return DepositProof(bitcoin_txid=deposit.tx_id, bitcoin_vout=int(deposit.index))
        case ProofShape.SPARK:
            return DepositProof(spark_tx_hash=deposit.tx_id, source_spark_address=deposit.sender)
        case _:
            return DepositProof(tx_hash=deposit.tx_id)


def explain(sighting: SeenDeposit) -> str:
    """Return what a person should know about a deposit that needs one, in one sentence."""
    deposit = sighting.deposit
    what = f"{deposit.amount} smallest units of {deposit.symbol or deposit.asset} in {deposit.tx_id}"
    if sighting.verdict is DepositVerdict.WRONG_TOKEN:
        return f"a deposit of another asset came to the address: {what}; it is not submitted"
    if sighting.verdict is DepositVerdict.SECOND:
        return f"a second deposit came: {what}; only the first is submitted"
    return f"the deposit is on the chain no more: {what}"
