"""The set of an order's deposits: each has one identity, the quote it belongs to, and a stage. Pure.

A deposit is known by its proof, whether the business, the chain or Orchestra named it first. What the chain shows of
it is in `seen_deposits`.
"""

from collections.abc import Iterable
from enum import StrEnum
from typing import Any

from pydantic import BaseModel

from baton.orchestra.proofs import DepositProof, is_same_deposit
from baton.orders.models import Reason

MAX_KNOWN_DEPOSITS = 50
"""How many deposits an order keeps."""

BUSINESS, CHAIN, ORCHESTRA = "business", "chain", "orchestra"
"""Who named a deposit first."""


class DepositStage(StrEnum):
    """How far a deposit has come. The order of the members is the order in which deposits are submitted."""

    ACCEPTED = "accepted"
    """Orchestra made the order from it."""
    SUBMITTING = "submitting"
    REPORTED = "reported"
    """The business reported it."""
    SEEN = "seen"
    """The chain shows it, with enough confirmations to be submitted."""
    NOT_FOUND = "not_found"
    """Orchestra does not see it yet. It is submitted again, but better evidence comes first."""
    REFUSED = "refused"
    """Orchestra refused it for good."""


class ChainEvidence(StrEnum):
    """What the chain shows of a deposit."""

    NOTHING = "nothing"
    """It shows no transfer to an address of the order, or the chain is not watched."""
    PAYS = "pays"
    DOES_NOT_PAY = "does_not_pay"
    """Only dust or another asset."""
    GONE = "gone"
    """A reorg or a replacement removed it."""


class KnownDeposit(BaseModel):
    """One deposit of an order."""

    proof: DepositProof
    quote_id: str | None = None
    stage: DepositStage = DepositStage.REPORTED
    seen_by: str = BUSINESS
    evidence: ChainEvidence = ChainEvidence.NOTHING
    refusal: Reason | None = None
    submits: int = 0
    """How many times it was submitted, as far as the workflow saw it."""
    refusals: int = 0
    """How many times it was refused temporarily; the pauses between its submits grow with them."""
    access_refused: bool = False
    """Whether the last refusal was about the account's key, not about the deposit."""
    named: bool = False
    """Whether Orchestra's record named it as the deposit of its order."""
    asked: bool = False
    """Whether a person was asked about it, because another deposit is submitted."""

    @property
    def may_pay(self) -> bool:
        """Whether it may be what pays the order."""
        if self.stage in (DepositStage.ACCEPTED, DepositStage.SUBMITTING):
            return True
        lost = self.evidence is ChainEvidence.GONE and self.seen_by == CHAIN
        return not lost and self.evidence is not ChainEvidence.DOES_NOT_PAY and self.stage is not DepositStage.REFUSED

    @property
    def facts(self) -> tuple[str | None, str, ChainEvidence]:
        """What a submit depends on: a submit that was refused may pass once these change."""
        return self.quote_id, self.proof.key, self.evidence

    @property
    def rank(self) -> int:
        """Its place in the order of submission, the smallest first; what is gone from the chain is like not found."""
        pending = self.stage in (DepositStage.REPORTED, DepositStage.SEEN)
        stage = DepositStage.NOT_FOUND if pending and self.evidence is ChainEvidence.GONE else self.stage
        return _RANKS[stage]


_RANKS = {stage: place for place, stage in enumerate(DepositStage)}


def find(deposits: Iterable[KnownDeposit], proof: DepositProof) -> KnownDeposit | None:
    """Return the deposit that this proof names, or None."""
    return next((known for known in deposits if is_same_deposit(known.proof, proof)), None)


def first_in_turn(deposits: Iterable[KnownDeposit]) -> KnownDeposit | None:
    """Return the deposit to submit, or that Orchestra accepted; None if there is none.

    Of several that Orchestra does not find, the one submitted least often is next, so that all get their turn.
    """
    return min((known for known in deposits if known.may_pay), key=_turn, default=None)


def is_alone(deposits: Iterable[KnownDeposit], known: KnownDeposit) -> bool:
    """Whether no other deposit may pay the order."""
    return not any(other.may_pay for other in deposits if other is not known)


def _turn(known: KnownDeposit) -> tuple[int, int]:
    return known.rank, known.submits if known.stage is DepositStage.NOT_FOUND else 0


def of_older_state(fields: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the deposits in a state that was written when an order had one deposit and a list of refused ones."""
    refused = [{**entry, "stage": DepositStage.REFUSED} for entry in fields.get("refused_deposits") or []]
    deposit = fields.get("deposit")
    if not deposit:
        return refused
    tracked = (fields.get("view") or {}).get("record")
    stage = DepositStage.ACCEPTED if tracked else DepositStage.REPORTED
    return [*refused, {**deposit, "stage": stage}]
