"""A deposit's QR code contains the chain's own payment URI where there is one, with exact amounts."""

import pytest

from baton.encoding.payment_uris import payment_uri

EVM = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"
USDC = "0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913"
BITCOIN = "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq"
SOLANA = "7EcDhSYGxXyscszYEp35KHN8vvw3svAuLKTzXwCFLtV"
MINT = "EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v"


@pytest.mark.parametrize(
    ("chain", "contract", "address", "amount", "decimals", "uri"),
    [
        ("bitcoin", None, BITCOIN, 150_000, 8, f"bitcoin:{BITCOIN}?amount=0.0015"),
        ("bitcoin", None, BITCOIN, None, 8, f"bitcoin:{BITCOIN}"),
        ("bitcoin", None, BITCOIN, 100_000_000, 8, f"bitcoin:{BITCOIN}?amount=1"),
        ("lightning", None, "lnbc1000n1pj", 100_000, 8, "LIGHTNING:LNBC1000N1PJ"),
        ("base", USDC, EVM, 100_000_000, 6, f"ethereum:{USDC}@8453/transfer?address={EVM}&uint256=100000000"),
        ("base", USDC, EVM, None, 6, f"ethereum:{USDC}@8453/transfer?address={EVM}"),
        ("ethereum", None, EVM, 10**18, 18, f"ethereum:{EVM}@1?value=1000000000000000000"),
        ("ethereum", None, EVM, None, 18, f"ethereum:{EVM}@1"),
        ("solana", MINT, SOLANA, 1_500_000, 6, f"solana:{SOLANA}?amount=1.5&spl-token={MINT}"),
        ("solana", MINT, SOLANA, None, 6, f"solana:{SOLANA}?spl-token={MINT}"),
        ("solana", None, SOLANA, 1_000, 9, f"solana:{SOLANA}?amount=0.000001"),
    ],
)
def test_a_chain_with_a_standard_has_its_uri(
    chain: str, contract: str | None, address: str, amount: int | None, decimals: int, uri: str
) -> None:
    assert payment_uri(chain, contract, address, amount, decimals) == uri


@pytest.mark.parametrize("chain", ["tron", "spark", "hypercore", "xrp", "brand_new"])
def test_a_chain_without_a_standard_has_none(chain: str) -> None:
    assert payment_uri(chain, None, EVM, 1, 6) is None
    assert payment_uri(chain, USDC, EVM, 1, 6, "1337") is None


@pytest.mark.parametrize(
    ("chain", "listed", "used"),
    [
        ("base", "84532", 84532),
        ("base", 84532, 84532),
        ("base", "eip155:8453", 8453),
        ("base", "", 8453),
        ("tempo", "4217", 4217),
        ("tempo", None, None),
        ("robinhood", "x", None),
    ],
)
def test_without_a_chain_id_from_the_routes_the_usual_one_is_used(
    chain: str, listed: str | int | None, used: int | None
) -> None:
    uri = payment_uri(chain, None, EVM, None, 18, listed)
    assert uri == (None if used is None else f"ethereum:{EVM}@{used}")


@pytest.mark.parametrize("address", ["", f"{BITCOIN}?amount=9", f"{BITCOIN}&x", "a b", "a@b.example", "é", "x\n"])
@pytest.mark.parametrize("chain", ["bitcoin", "solana", "base", "lightning"])
def test_an_address_that_would_change_the_uri_has_none(chain: str, address: str) -> None:
    assert payment_uri(chain, None, address, 1, 8) is None


def test_a_contract_that_would_change_the_uri_has_none() -> None:
    assert payment_uri("base", f"{USDC}@1/approve?", EVM, 1, 6) is None
    assert payment_uri("bitcoin", USDC, BITCOIN, 1, 8) is None


def test_text_that_is_not_an_invoice_has_no_lightning_uri() -> None:
    assert payment_uri("lightning", None, BITCOIN, 1, 8) is None
