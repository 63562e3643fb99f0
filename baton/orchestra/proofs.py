"""Deposit proofs: the ids of a payer's transfer, in the shape that `POST /submit` takes for its source chain.

Source: the partner API reference, submit: chains by `txHash`, Spark by `sparkTxHash`, Bitcoin by `bitcoinTxid` and
`bitcoinVout`, Lightning by `lightningReceiveRequestId`.
"""

import re
from enum import StrEnum

from pydantic import Field

from baton.orchestra.models import Wire

# EVM hashes with 0x, Tron and Bitcoin ids without, Spark transfer ids as UUIDs. Base58 (Solana) is case-sensitive.
_HEXADECIMAL = re.compile(r"0x[0-9a-f]+|[0-9a-f]{64}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


class ProofShape(StrEnum):
    """The four shapes of deposit evidence."""

    CHAIN = "txHash"
    SPARK = "sparkTxHash"
    BITCOIN = "bitcoinTxid"
    LIGHTNING = "lightningReceiveRequestId"


_SHAPES = {"spark": ProofShape.SPARK, "bitcoin": ProofShape.BITCOIN, "lightning": ProofShape.LIGHTNING}


def shape_for(source_chain: str) -> ProofShape:
    """Return the proof shape of a source chain; it is `txHash` for every chain without a rule of its own."""
    return _SHAPES.get(source_chain, ProofShape.CHAIN)


class ProofError(ValueError):
    """The proof does not fit its source chain; the text names the field and the remedy."""


class DepositProof(Wire):
    """Evidence of one deposit. Exactly one shape is filled; the sender's address is optional, and only a hint."""

    tx_hash: str | None = None
    source_address: str | None = None
    spark_tx_hash: str | None = None
    source_spark_address: str | None = None
    bitcoin_txid: str | None = None
    bitcoin_vout: int | None = Field(default=None, ge=0)
    lightning_receive_request_id: str | None = None

    @property
    def shapes(self) -> list[ProofShape]:
        """The shapes that are filled."""
        filled = {
            ProofShape.CHAIN: self.tx_hash,
            ProofShape.SPARK: self.spark_tx_hash,
            ProofShape.BITCOIN: self.bitcoin_txid,
            ProofShape.LIGHTNING: self.lightning_receive_request_id,
        }
        return [shape for shape, value in filled.items() if value]

    @property
    def key(self) -> str:
        """The deposit's identity: two proofs with the same key are about the same transfer.

        Hexadecimal ids are in lower case here, since either case is valid; a Bitcoin deposit is a transaction and an
        output of it.
        """
        if self.bitcoin_txid:
            return f"{self.bitcoin_txid.lower()}:{'?' if self.bitcoin_vout is None else self.bitcoin_vout}"
        identity = self.tx_hash or self.spark_tx_hash or self.lightning_receive_request_id or ""
        return identity.lower() if _HEXADECIMAL.fullmatch(identity) else identity

    def check(self, source_chain: str) -> None:
        """Make sure that the proof has exactly the shape of its source chain.

        Raises:
            ProofError: It has no shape, several, or that of another chain; the text names the field to fill.
        """
        required = shape_for(source_chain)
        if self.shapes == [required]:
            if required is not ProofShape.BITCOIN and self.bitcoin_vout is not None:
                raise ProofError("bitcoinVout belongs to bitcoinTxid; leave it out")
            return
        given = ", ".join(self.shapes) or "nothing"
        extra = " with bitcoinVout" if required is ProofShape.BITCOIN else ""
        raise ProofError(f"a deposit on {source_chain} is proved by {required.value}{extra}; given: {given}")
