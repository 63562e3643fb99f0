"""Deposit proofs: the ids of a payer's transfer, in the shape that `POST /submit` takes for its source chain.

Source: the partner API reference, submit: chains by `txHash`, Spark by `sparkTxHash`, Bitcoin by `bitcoinTxid` and
`bitcoinVout`, Lightning by `lightningReceiveRequestId`.
"""

from enum import StrEnum
from typing import Self

from pydantic import Field

from baton.encoding.transaction_ids import TransactionIdError, normal_transaction_id, output_in, same_spelling
from baton.orchestra.models import MAX_ID, Wire


class ProofShape(StrEnum):
    """The four shapes of deposit evidence."""

    CHAIN = "txHash"
    SPARK = "sparkTxHash"
    BITCOIN = "bitcoinTxid"
    LIGHTNING = "lightningReceiveRequestId"


_SHAPES = {"spark": ProofShape.SPARK, "bitcoin": ProofShape.BITCOIN, "lightning": ProofShape.LIGHTNING}


_FIELDS = {
    ProofShape.CHAIN: "tx_hash",
    ProofShape.SPARK: "spark_tx_hash",
    ProofShape.BITCOIN: "bitcoin_txid",
    ProofShape.LIGHTNING: "lightning_receive_request_id",
}


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

        A Bitcoin deposit is a transaction and an output of it.
        """
        identity = same_spelling(self.transaction_id)
        if self.bitcoin_txid:
            return f"{identity}:{'?' if self.bitcoin_vout is None else self.bitcoin_vout}"
        return identity

    @property
    def transaction_id(self) -> str:
        """The id that this proof names, as it is spelled."""
        return self.tx_hash or self.spark_tx_hash or self.bitcoin_txid or self.lightning_receive_request_id or ""

    def normal(self, source_chain: str) -> Self:
        """Return the proof with its id in the one spelling of its chain.

        Raises:
            ProofError: It has not exactly the shape of its chain, or holds no id of that chain.
        """
        self.check(source_chain)
        field = _FIELDS[shape_for(source_chain)]
        try:
            update: dict[str, str | int | None] = {field: normal_transaction_id(source_chain, self.transaction_id)}
        except TransactionIdError as error:
            raise ProofError(f"{shape_for(source_chain).value}: {error}") from None
        if self.bitcoin_txid and (named := output_in(self.bitcoin_txid)) is not None:
            if self.bitcoin_vout not in (None, named):
                raise ProofError(f"bitcoinTxid names output {named}, bitcoinVout {self.bitcoin_vout}; give one of them")
            update["bitcoin_vout"] = named
        return self.model_copy(update=update)

    def check(self, source_chain: str) -> None:
        """Make sure that the proof has exactly the shape of its source chain.

        Raises:
            ProofError: It has no shape, several, or that of another chain; the text names the field to fill.
        """
        required = shape_for(source_chain)
        for name, value in self.wire().items():
            if len(str(value)) > MAX_ID:
                raise ProofError(f"{name} has {len(str(value))} characters; no id or address of a deposit is that long")
        if self.shapes == [required]:
            if required is not ProofShape.BITCOIN and self.bitcoin_vout is not None:
                raise ProofError("bitcoinVout belongs to bitcoinTxid; leave it out")
            return
        given = ", ".join(self.shapes) or "nothing"
        extra = " with bitcoinVout" if required is ProofShape.BITCOIN else ""
        raise ProofError(f"a deposit on {source_chain} is proved by {required.value}{extra}; given: {given}")


def is_same_deposit(proof: DepositProof, other: DepositProof) -> bool:
    """Whether two proofs name the same deposit; a Bitcoin proof without an output matches any output."""
    if proof.bitcoin_txid and other.bitcoin_txid and None in (proof.bitcoin_vout, other.bitcoin_vout):
        return same_spelling(proof.bitcoin_txid) == same_spelling(other.bitcoin_txid)
    return proof.key == other.key
