"""A wallet or a token is the same in every spelling."""

import pytest

from baton.chains.spark.addresses import MAINNET, REGTEST, identity_key, network_of, token_id
from tests.encoding.spelling import spark

# From the documentation of Sparkscan's own client.
PUBLISHED = "sp1pgssyv42njtxa7kkgvnukk2xnuwpg96n5mxm4985lvhe6sxgavl902js39la8k"
USDB = "btkn1xgrvjwey5ngcagvap2dzzvsy4uk8ua9x69k82dwvt5e7ef9drm9qztux87"


def test_every_prefix_names_the_same_wallet() -> None:
    key = b"\x03" + b"\x5a" * 32
    spelled = [spark(prefix, key) for prefix in ("spark", "sp", "sparkrt", "sprt")]
    assert {identity_key(address) for address in [*spelled, spelled[0].upper()]} == {key.hex()}
    assert [network_of(address) for address in spelled] == [MAINNET, MAINNET, REGTEST, REGTEST]


def test_a_published_address_has_a_compressed_public_key() -> None:
    assert identity_key(PUBLISHED) == "0232aa9c966efad64327cb59469f1c141753a6cdba94f4fb2f9d40c8eb3e57aa50"


@pytest.mark.parametrize(
    "text", ["", "spark1", PUBLISHED[:-1] + "q", "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4", USDB]
)
def test_an_invalid_spark_address_has_no_key(text: str) -> None:
    assert identity_key(text) is None


def test_a_token_is_the_same_in_both_spellings() -> None:
    spelled = "3206c93b24a4d18ea19d0a9a213204af2c7e74a6d16c7535cc5d33eca4ad1eca"
    assert token_id(USDB) == token_id(spelled.upper()) == spelled


@pytest.mark.parametrize("text", ["", "USDB", "ab" * 31, USDB[:-1] + "q", PUBLISHED])
def test_an_invalid_token_identifier_is_none(text: str) -> None:
    assert token_id(text) is None
