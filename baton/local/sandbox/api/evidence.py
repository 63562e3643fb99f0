"""The evidence of a deposit: how a submit states it, and whether it contradicts the chain."""

from collections.abc import Mapping
from typing import Any

from baton.local.sandbox.api.fields import text
from baton.local.sandbox.engine.assets import CHAINS, SandboxFamily
from baton.local.sandbox.engine.chain import Evidence
from baton.local.sandbox.engine.store import SandboxDeposit
from baton.local.sandbox.errors import invalid

EVIDENCE_FIELDS: Mapping[SandboxFamily, str] = {
    SandboxFamily.SPARK: "sparkTxHash",
    SandboxFamily.BITCOIN: "bitcoinTxid",
    SandboxFamily.LIGHTNING: "lightningReceiveRequestId",
}
"""Field that identifies the deposit, by family of the source chain; every other family uses `txHash`."""

_ALL_FIELDS = ("txHash", *EVIDENCE_FIELDS.values())
_KNOWS_SENDERS = (SandboxFamily.EVM, SandboxFamily.SOLANA, SandboxFamily.TRON)


def evidence_field(chain: str) -> str:
    """Return the name of the field that proves a deposit on that chain."""
    return EVIDENCE_FIELDS.get(CHAINS[chain].family, "txHash")


def read_evidence(body: Mapping[str, Any], chain: str) -> Evidence:
    """Return the deposit evidence of a submit.

    Raises:
        ApiError: `invalid_request`: the source chain's field is missing, or a field of another chain is present.
    """
    required = evidence_field(chain)
    others = [name for name in _ALL_FIELDS if name != required and body.get(name) is not None]
    if others:
        raise invalid(f"a deposit on {chain} is proved by {required}, not by {', '.join(others)}")
    sender = body.get("sourceAddress") or body.get("sourceSparkAddress")
    if sender is not None and not isinstance(sender, str):
        raise invalid("sourceAddress must be a string")
    return Evidence(text(body, required), _vout(body, chain), sender)


def proof_of(deposit: SandboxDeposit) -> dict[str, Any]:
    """Return the evidence of a deposit as `/submit` accepts it."""
    proof: dict[str, Any] = {evidence_field(deposit.chain): deposit.transaction}
    if deposit.vout is not None:
        proof["bitcoinVout"] = deposit.vout
    if deposit.sender is not None and CHAINS[deposit.chain].family in _KNOWS_SENDERS:
        proof["sourceAddress"] = deposit.sender
    return proof


def sender_contradicts(deposit: SandboxDeposit, claimed: str | None) -> bool:
    """Whether a submit claims a sender other than the one on the chain."""
    if claimed is None or deposit.sender is None or CHAINS[deposit.chain].family not in _KNOWS_SENDERS:
        return False
    return claimed.lower() != deposit.sender.lower()


def _vout(body: Mapping[str, Any], chain: str) -> int | None:
    value = body.get("bitcoinVout")
    if value is None:
        return None
    if chain != "bitcoin" or isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise invalid("bitcoinVout must be a whole number from 0, together with bitcoinTxid")
    return value
