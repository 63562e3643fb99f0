"""A proof has the shape of its source chain, and two proofs of one transfer have the same key."""

import json
from typing import Any

import pytest
from pydantic import ValidationError

from baton.orchestra.proofs import DepositProof, ProofError, ProofShape, shape_for
from tests.paths import FIXTURES

DOCUMENTED = json.loads((FIXTURES / "seed000_submit_requests.json").read_text(encoding="utf-8"))
SOURCES = {
    "chain source": ("base", ProofShape.CHAIN),
    "spark source": ("spark", ProofShape.SPARK),
    "bitcoin source": ("bitcoin", ProofShape.BITCOIN),
    "lightning source": ("lightning", ProofShape.LIGHTNING),
}
HASH = "ab" * 32


@pytest.mark.parametrize("documented", DOCUMENTED, ids=lambda entry: entry["_shape"])
def test_a_documented_submit_body_is_a_proof_of_its_chain_only(documented: dict[str, Any]) -> None:
    body = {name: value for name, value in documented["body"].items() if name != "quoteId"}
    chain, shape = SOURCES[documented["_shape"]]
    proof = DepositProof.model_validate(body)
    assert proof.wire() == body
    assert proof.shapes == [shape]
    proof.check(chain)
    for other in {"base", "spark", "bitcoin", "lightning"} - {chain}:
        with pytest.raises(ProofError, match=shape_for(other).value):
            proof.check(other)


@pytest.mark.parametrize("chain", ["base", "solana", "tron", "hedera", "a-chain-of-next-year"])
def test_a_chain_without_a_rule_of_its_own_takes_a_tx_hash(chain: str) -> None:
    assert shape_for(chain) is ProofShape.CHAIN


def test_no_shape_or_two_shapes_are_refused_with_their_names() -> None:
    with pytest.raises(ProofError, match=r"proved by txHash; given: nothing"):
        DepositProof(tx_hash="").check("base")
    with pytest.raises(ProofError, match=r"bitcoinTxid with bitcoinVout; given: txHash, bitcoinTxid"):
        DepositProof(tx_hash="0x1", bitcoin_txid="aa", bitcoin_vout=0).check("bitcoin")


def test_a_bitcoin_output_with_another_shape_is_refused() -> None:
    with pytest.raises(ProofError, match="bitcoinVout belongs to bitcoinTxid"):
        DepositProof(tx_hash="0x1", bitcoin_vout=0).check("base")


def test_a_bitcoin_output_may_be_unknown_but_not_negative() -> None:
    DepositProof(bitcoin_txid=HASH).check("bitcoin")
    with pytest.raises(ValidationError):
        DepositProof(bitcoin_txid=HASH, bitcoin_vout=-1)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (DepositProof(tx_hash="0xABcd"), DepositProof(tx_hash="0xabCD")),
        (DepositProof(tx_hash=HASH.upper()), DepositProof(tx_hash=HASH)),
        (
            DepositProof(spark_tx_hash="0194A5F0-0000-7000-8000-ABCDEFABCDEF"),
            DepositProof(spark_tx_hash="0194a5f0-0000-7000-8000-abcdefabcdef"),
        ),
        (DepositProof(bitcoin_txid=HASH.upper(), bitcoin_vout=1), DepositProof(bitcoin_txid=HASH, bitcoin_vout=1)),
        (DepositProof(tx_hash="0xab", source_address="0x1"), DepositProof(tx_hash="0xab")),
    ],
    ids=["evm", "tron", "spark", "bitcoin", "with sender"],
)
def test_the_same_transfer_written_differently_has_the_same_key(one: DepositProof, other: DepositProof) -> None:
    assert one.key == other.key != ""


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (DepositProof(bitcoin_txid=HASH, bitcoin_vout=0), DepositProof(bitcoin_txid=HASH, bitcoin_vout=1)),
        (DepositProof(bitcoin_txid=HASH, bitcoin_vout=0), DepositProof(bitcoin_txid=HASH)),
        (DepositProof(tx_hash="5kWx7Y" * 14), DepositProof(tx_hash="5kwx7y" * 14)),
    ],
    ids=["another output", "an unknown output", "base58 in another case"],
)
def test_another_transfer_has_another_key(one: DepositProof, other: DepositProof) -> None:
    assert one.key != other.key


@pytest.mark.parametrize("text", ["ab" * 31 + "a", "f" * 40, "f" * 33], ids=["63 digits", "40 digits", "33 digits"])
def test_a_part_of_a_longer_number_is_no_spark_transfer_id(text: str) -> None:
    with pytest.raises(ProofError, match="a Spark transfer id is a UUID"):
        DepositProof(spark_tx_hash=text).normal("spark")


def test_two_different_outputs_in_one_proof_are_refused() -> None:
    with pytest.raises(ProofError, match="bitcoinTxid names output 1, bitcoinVout 0; give one of them"):
        DepositProof(bitcoin_txid=f"{HASH}:1", bitcoin_vout=0).normal("bitcoin")

    assert DepositProof(bitcoin_txid=f"{HASH}:1", bitcoin_vout=1).normal("bitcoin").bitcoin_vout == 1
