"""Which contracts a chain's reader knows by the partner API's routes."""

from typing import Any

import pytest

from baton.chains.catalogue import load_chains
from baton.chains.deposits import Deposit
from baton.chains.route_tokens import with_route_tokens
from baton.chains.spec import ChainSpec, KnownToken

DAI = "0x50c5725949A6F0c72E6C4a641F24049A917DB0Cb"
CHAINS = load_chains()
SOLANA_CBBTC = "cbbtcf3aa214zXHbiAZQwf4122FBYbraNdFqgw4iMij"


def names(chain: ChainSpec) -> dict[str, str]:
    return {token.contract: token.symbol for token in chain.route_tokens}


@pytest.mark.parametrize("spelling", [DAI, DAI.lower(), "0x" + DAI[2:].upper()])
def test_a_contract_of_the_routes_is_known_in_any_spelling(spelling: str) -> None:
    base = with_route_tokens(CHAINS["base"], [KnownToken("DAI", spelling, 18)])

    assert base.token_of(DAI) == KnownToken("DAI", DAI, 18)
    assert base.token_of(DAI.lower()) is None


@pytest.mark.parametrize(
    ("chain", "token"),
    [
        ("base", KnownToken("ETH", "0x" + "ee" * 20, 18)),
        ("base", KnownToken("DAI", DAI + "a", 8)),
        ("base", KnownToken("USDC", CHAINS["base"].tokens["USDC"].contract.lower(), 6)),
        ("solana", KnownToken("SOL", "So11111111111111111111111111111111111111112", 9)),
        ("solana", KnownToken("DAI", DAI, 18)),
        ("tron", KnownToken("USDT", DAI, 6)),
        ("bitcoin", KnownToken("ORDI", "ordi", 18)),
    ],
)
def test_what_is_no_further_contract_of_the_chain_is_left_out(chain: str, token: KnownToken) -> None:
    assert with_route_tokens(CHAINS[chain], [token]).route_tokens == ()


def test_two_contracts_of_a_symbol_both_count_the_routes_name_first() -> None:
    base = CHAINS["base"]
    bridged, usdc = (base.tokens[name].contract for name in ("USDbC", "USDC"))
    known = with_route_tokens(base, [KnownToken("USDC", DAI, None), KnownToken("USDC.e", bridged, None)])

    assert known.token_of(DAI) == KnownToken("USDC", DAI, None)
    assert known.token_of(usdc) == KnownToken("USDC", usdc, 6)
    assert known.token_of(bridged) == KnownToken("USDC.e", bridged, 6), "decimals of the configuration"


def test_a_token_once_known_stays_known() -> None:
    once = with_route_tokens(CHAINS["solana"], [KnownToken("cbBTC", SOLANA_CBBTC, 8)])

    assert names(with_route_tokens(once, [])) == {SOLANA_CBBTC: "cbBTC"}
    assert names(with_route_tokens(once, [KnownToken("BTC", SOLANA_CBBTC, 8)])) == {SOLANA_CBBTC: "BTC"}


def test_a_token_of_spark_keeps_the_spelling_of_the_configuration() -> None:
    configured = CHAINS["spark"].tokens["USDB"].contract
    identifier = "3206c93b24a4d18ea19d0a9a213204af2c7e74a6d16c7535cc5d33eca4ad1eca"

    assert with_route_tokens(CHAINS["spark"], [KnownToken("USDB", identifier, 6)]).route_tokens == ()
    assert names(with_route_tokens(CHAINS["spark"], [KnownToken("USD", identifier, 6)])) == {configured: "USD"}


def test_a_deposit_without_a_symbol_still_carries_its_contract() -> None:
    fields: dict[str, Any] = {"chain": "base", "address": "0xa", "tx_id": "0x1", "index": "0", "amount": 1}

    assert Deposit(asset=DAI, **fields).model_dump(include={"asset", "symbol"}) == {"asset": DAI, "symbol": None}
