"""The simulated chain: deposits by transaction and output, and when they become visible.

One transaction pays one quote, except on Bitcoin, where each output of a transaction can.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from baton.local.sandbox.api.fields import text
from baton.local.sandbox.engine.addresses import transaction_key
from baton.local.sandbox.engine.assets import CHAINS, SandboxFamily
from baton.local.sandbox.engine.clock import Clock
from baton.local.sandbox.engine.store import SandboxDeposit, SandboxQuote
from baton.local.sandbox.errors import ApiError, invalid

EVIDENCE_FIELDS: Mapping[SandboxFamily, str] = {
    SandboxFamily.SPARK: "sparkTxHash",
    SandboxFamily.BITCOIN: "bitcoinTxid",
    SandboxFamily.LIGHTNING: "lightningReceiveRequestId",
}
"""Field that names the deposit, by family of the source chain; every other family uses `txHash`."""

_ALL_FIELDS = ("txHash", *EVIDENCE_FIELDS.values())
_KNOWS_SENDERS = (SandboxFamily.EVM, SandboxFamily.SOLANA, SandboxFamily.TRON)


@dataclass(frozen=True)
class Evidence:
    """What a submit says about the deposit."""

    transaction: str
    vout: int | None
    sender: str | None


def evidence_field(chain: str) -> str:
    """Return the name of the field that proves a deposit on that chain."""
    return EVIDENCE_FIELDS.get(CHAINS[chain].family, "txHash")


def read_evidence(body: Mapping[str, Any], chain: str) -> Evidence:
    """Read the deposit evidence of a submit.

    Raises:
        ApiError: `invalid_request`: the field of the source chain is missing, or one of another chain is there.
    """
    wanted = evidence_field(chain)
    others = [name for name in _ALL_FIELDS if name != wanted and body.get(name) is not None]
    if others:
        raise invalid(f"a deposit on {chain} is proved by {wanted}, not by {', '.join(others)}")
    sender = body.get("sourceAddress") or body.get("sourceSparkAddress")
    if sender is not None and not isinstance(sender, str):
        raise invalid("sourceAddress must be a string")
    return Evidence(text(body, wanted), _vout(body, chain), sender)


def proof_of(deposit: SandboxDeposit) -> dict[str, Any]:
    """Return the evidence of a deposit in the shape that a submit wants."""
    proof: dict[str, Any] = {evidence_field(deposit.chain): deposit.transaction}
    if deposit.vout is not None:
        proof["bitcoinVout"] = deposit.vout
    if deposit.sender is not None and CHAINS[deposit.chain].family in _KNOWS_SENDERS:
        proof["sourceAddress"] = deposit.sender
    return proof


def sender_contradicts(deposit: SandboxDeposit, claimed: str | None) -> bool:
    """Tell whether a submit names another sender than the chain shows."""
    if claimed is None or deposit.sender is None or CHAINS[deposit.chain].family not in _KNOWS_SENDERS:
        return False
    return claimed.lower() != deposit.sender.lower()


class SimulatedChain:
    """All deposits of all chains."""

    def __init__(self, clock: Clock, *, missing_status: int) -> None:
        self._clock = clock
        self._missing_status = missing_status
        self._deposits: dict[tuple[str, str], dict[int | None, SandboxDeposit]] = {}

    @property
    def deposits(self) -> list[SandboxDeposit]:
        """Return every deposit, visible or not."""
        return [deposit for outputs in self._deposits.values() for deposit in outputs.values()]

    def pay(self, deposit: SandboxDeposit) -> SandboxDeposit:
        """Put a deposit on the chain.

        Raises:
            ApiError: `conflict`: the transaction and output exist already.
        """
        outputs = self._deposits.setdefault((deposit.chain, transaction_key(deposit.transaction)), {})
        if deposit.vout in outputs:
            raise ApiError("conflict", f"{deposit.transaction} already pays quote {outputs[deposit.vout].quote_id}")
        outputs[deposit.vout] = deposit
        return deposit

    def replace(self, deposit: SandboxDeposit, successor: SandboxDeposit) -> SandboxDeposit:
        """Put a deposit on the chain in place of one that is gone from then on."""
        self._deposits.pop((deposit.chain, transaction_key(deposit.transaction)), None)
        return self.pay(successor)

    def find(self, quote: SandboxQuote, evidence: Evidence) -> SandboxDeposit:
        """Return the visible deposit that the evidence names and that pays the quote.

        Raises:
            ApiError: `tx_not_found`, `vout_not_found`, or `invalid_request` when it pays something else.
        """
        outputs = self._deposits.get((quote.chain, transaction_key(evidence.transaction)), {})
        seen = {vout: one for vout, one in outputs.items() if one.visible_at <= self._clock.now()}
        if not seen:
            raise self._missing("tx_not_found", f"{evidence.transaction} is not visible on {quote.chain} yet")
        if evidence.vout is not None and evidence.vout not in seen:
            raise self._missing("vout_not_found", f"{evidence.transaction} has no output {evidence.vout}")
        named = [seen[evidence.vout]] if evidence.vout is not None else list(seen.values())
        for deposit in named:
            if deposit.address == quote.deposit_address:
                return deposit
        raise invalid(f"{evidence.transaction} does not pay the deposit address of {quote.id}")

    def _missing(self, code: str, message: str) -> ApiError:
        return ApiError(code, message, status=self._missing_status)


def _vout(body: Mapping[str, Any], chain: str) -> int | None:
    value = body.get("bitcoinVout")
    if value is None:
        return None
    if chain != "bitcoin" or isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise invalid("bitcoinVout must be a whole number from 0, and belongs to bitcoinTxid")
    return value
