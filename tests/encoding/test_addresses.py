"""An address that is certainly wrong is refused with the reason; every other one passes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from baton.encoding import bech32
from baton.encoding.addresses import EVM_CHAINS, address_objection, checksummed
from tests.encoding.spelling import base58_text, base58check_text, segwit, spark

# The four mixed-case examples of EIP-55, and tokens that the reference names.
CHECKSUMMED = [
    "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
    "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359",
    "0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB",
    "0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb",
    "0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913",
    "0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48",
    "0xdAC17F958D2ee523a2206206994597C13D831ec7",
]
SEGWIT = [
    "BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4",
    "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq",
    "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0",
    "bc1sw50qgdz25j",
    "bc1zw508d6qejxtdg4y5r3zarvaryvaxxpcs",
]
LEGACY = ["1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa", "3J98t1WpEZ73CNmQviecrnyiWrnqRhWNLy"]
SPARK = "spark1pgss9z2gpzrnhztwy8ffs44x67angma38sqewwddhxlsk65t0c5d5576quly2j"
TRON = "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t"
SOLANA = "EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v"


@pytest.mark.parametrize(
    ("chain", "address"),
    [
        *(("base", address) for address in CHECKSUMMED),
        ("ethereum", CHECKSUMMED[0].lower()),
        ("polygon", "0x" + CHECKSUMMED[0][2:].upper()),
        *(("bitcoin", address) for address in SEGWIT + LEGACY),
        ("spark", SPARK),
        ("spark", SPARK.upper()),
        ("spark", spark("sp")),
        ("spark", spark(key=b"\x03" + b"\x0a" * 32)),
        ("tron", TRON),
        ("solana", SOLANA),
        ("solana", "1" * 32),
    ],
)
def test_a_valid_address_passes(chain: str, address: str) -> None:
    assert address_objection(chain, address) is None


@pytest.mark.parametrize(
    ("chain", "address", "words"),
    [
        ("base", CHECKSUMMED[0].replace("5aA", "5aa"), "a character is mistyped"),
        ("base", CHECKSUMMED[0][:-1], "0x and 40"),
        ("base", CHECKSUMMED[0] + "0", "0x and 40"),
        ("base", CHECKSUMMED[0].replace("0x", "0X"), "0x and 40"),
        ("base", CHECKSUMMED[0][:-1] + "g", "0x and 40"),
        ("base", "\u0660x" + "0" * 40, "0x and 40"),
        ("base", SOLANA, "0x and 40"),
        ("bitcoin", "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdz", "mistyped"),
        ("bitcoin", "bc1q...", "mistyped"),
        ("bitcoin", "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb", "mistyped"),
        ("bitcoin", TRON, "not a Bitcoin address"),
        ("bitcoin", CHECKSUMMED[0], "not a Bitcoin address"),
        ("bitcoin", "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqh2y7hd", "version and length"),
        ("spark", SPARK[:-1] + "k", "mistyped"),
        ("spark", "spark1...", "starts with spark1"),
        ("spark", SEGWIT[2], "starts with spark1"),
        ("spark", spark(checksum=bech32.BECH32), "starts with spark1"),
        ("spark", spark(key=b"\x04" + b"\x11" * 32), "no public key"),
        ("spark", spark(key=b"\x02" + b"\x11" * 31), "no public key"),
        ("tron", TRON[:-1] + "u", "mistyped"),
        ("tron", TRON[:-1], "34 characters"),
        ("tron", LEGACY[0], "starts with T"),
        ("solana", SOLANA[:-4], "32 bytes"),
        ("solana", SOLANA.replace("E", "0"), "32 bytes"),
        ("solana", CHECKSUMMED[0], "32 bytes"),
        ("lightning", SPARK, "neither a BOLT11 invoice"),
        ("base", "", "must not be empty"),
        ("base", f" {CHECKSUMMED[0]}", "spaces around it"),
        ("base", f"{CHECKSUMMED[0]}\n", "spaces around it"),
    ],
)
def test_an_invalid_address_is_refused_with_the_reason(chain: str, address: str, words: str) -> None:
    objection = address_objection(chain, address)
    assert objection is not None
    assert words in objection


@pytest.mark.parametrize(
    ("chain", "address"),
    [
        ("bitcoin", segwit(0, b"\x11" * 20, "tb")),
        ("bitcoin", segwit(1, b"\x11" * 32, "bcrt")),
        ("bitcoin", base58check_text(b"\x6f" + b"\x11" * 20)),
        ("bitcoin", base58check_text(b"\xc4" + b"\x11" * 20)),
        *(
            ("spark", spark(prefix))
            for prefix in ("sparkrt", "sparkt", "sparkl", "sparks", "sprt", "spt", "spl", "sps")
        ),
    ],
)
def test_an_address_of_a_test_network_passes_only_where_allowed(chain: str, address: str) -> None:
    assert "test network" in (address_objection(chain, address) or "")
    assert address_objection(chain, address, testnets=True) is None


@pytest.mark.parametrize(
    ("version", "length", "checksum", "good"),
    [
        (0, 20, bech32.BECH32, True),
        (0, 32, bech32.BECH32, True),
        (0, 21, bech32.BECH32, False),
        (0, 20, bech32.BECH32M, False),
        (1, 32, bech32.BECH32M, True),
        (1, 32, bech32.BECH32, False),
        (1, 20, bech32.BECH32M, False),
        (16, 2, bech32.BECH32M, True),
        (16, 40, bech32.BECH32M, True),
        (16, 1, bech32.BECH32M, False),
        (16, 41, bech32.BECH32M, False),
        (17, 32, bech32.BECH32M, False),
    ],
)
def test_a_segwit_address_has_the_length_and_checksum_of_its_version(
    version: int, length: int, checksum: int, good: bool
) -> None:
    address = segwit(version, b"\x11" * length, checksum=checksum)
    assert (address_objection("bitcoin", address) is None) is good


@pytest.mark.parametrize("chain", ["litecoin", "xrp", "ton", "monero", "hedera", "sei", "brand_new"])
def test_an_address_of_a_chain_without_a_rule_is_not_checked(chain: str) -> None:
    assert address_objection(chain, "anything") is None


def test_addresses_of_the_first_generations_chains_are_checked() -> None:
    chains = (*EVM_CHAINS, "bitcoin", "spark", "lightning", "solana", "tron")
    assert all(address_objection(chain, "anything") for chain in chains)


@given(st.binary(min_size=20, max_size=20))
def test_an_evm_address_in_the_wrong_case_is_refused(raw: bytes) -> None:
    good = checksummed(f"0x{raw.hex()}")
    assert good.lower() == f"0x{raw.hex()}"
    assert address_objection("base", good) is None
    swapped = "0x" + good[2:].swapcase()
    is_one_case = raw.hex() == raw.hex().upper() or swapped[2:] in (raw.hex(), raw.hex().upper())
    assert (address_objection("base", swapped) is None) is is_one_case


def test_only_an_evm_address_has_an_evm_checksum() -> None:
    with pytest.raises(ValueError, match="40 hexadecimal digits"):
        checksummed("0x12")


@given(st.binary(min_size=32, max_size=32))
def test_every_key_of_32_bytes_is_a_solana_address(raw: bytes) -> None:
    assert address_objection("solana", base58_text(raw)) is None


@given(st.text(max_size=80), st.sampled_from([*sorted(EVM_CHAINS), "bitcoin", "spark", "lightning", "solana", "tron"]))
def test_any_text_is_checked_without_an_exception(text: str, chain: str) -> None:
    objection = address_objection(chain, text)
    assert objection is None or objection
