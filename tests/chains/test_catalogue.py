from pathlib import Path

import pytest

from baton.chains.bitcoin.bitcoind import BitcoindReader
from baton.chains.bitcoin.esplora import EsploraReader
from baton.chains.catalogue import load_chains
from baton.chains.errors import ChainConfigError
from baton.chains.evm.reader import EvmReader
from baton.chains.factory import open_chain, open_reader
from baton.chains.failover import FailoverReader
from baton.chains.solana.reader import SolanaReader
from baton.chains.spark.reader import SparkReader
from baton.chains.spec import Family, ProviderSpec
from baton.chains.tron import TronCodec, TronReader
from baton.encoding.addresses import checksummed
from baton.encoding.payment_uris import CHAIN_IDS
from baton.local.sandbox.engine.assets import ASSETS
from tests.paths import ROOT

EVM = {name: spec for name, spec in load_chains().items() if spec.family is Family.EVM}


def chains_file(folder: Path, text: str) -> Path:
    path = folder / "chains.toml"
    path.write_text(text)
    return path


def test_every_chain_that_orders_can_be_paid_on_is_shipped() -> None:
    names = {"base", "ethereum", "arbitrum", "optimism", "polygon", "tron", "solana", "bitcoin", "spark"}
    assert load_chains().keys() == names


@pytest.mark.parametrize("name", EVM)
def test_shipped_contracts_have_checksum_capitals(name: str) -> None:
    shipped = (ROOT / "baton/chains/catalogue.toml").read_text()
    for token in EVM[name].tokens.values():
        assert f'"{token.contract}"' in shipped
        assert checksummed(token.contract) == token.contract


@pytest.mark.parametrize("name", EVM)
def test_chain_ids_match_the_payment_uris(name: str) -> None:
    assert EVM[name].chain_id == CHAIN_IDS[name]


def test_assets_of_the_partner_api_have_the_same_contract_and_decimals() -> None:
    chains = load_chains()
    for (chain, symbol), asset in ASSETS.items():
        if chain not in chains:
            continue
        spec = chains[chain]
        if asset.contract is None:
            assert (spec.native, spec.native_decimals, spec.watch_native) == (symbol, asset.decimals, True)
        else:
            token = spec.tokens[symbol]
            assert (token.contract.lower(), token.decimals) == (asset.contract.lower(), asset.decimals)


def test_tron_contracts_are_valid_addresses() -> None:
    assert all(TronCodec().encode(token.contract) for token in load_chains()["tron"].tokens.values())


def test_a_file_changes_single_fields_and_keeps_the_rest(tmp_path: Path) -> None:
    path = chains_file(
        tmp_path,
        """
        [chains.base]
        confirmations = 9
        providers = [{ url = "https://base.example.com/v2/secret-key", span = 10 }]
        tokens.DAI = { contract = "0x50c5725949a6f0c72e6c4a641f24049a917db0cb", decimals = 18 }
        """,
    )
    base, shipped = load_chains(path)["base"], load_chains()["base"]
    assert base.confirmations == 9
    assert [provider.span for provider in base.providers] == [10]
    assert base.tokens == {**shipped.tokens, "DAI": base.tokens["DAI"]}
    assert base.tokens["DAI"].contract == "0x50c5725949A6F0c72E6C4a641F24049A917DB0Cb"
    assert base.behind == shipped.behind
    assert "secret-key" not in repr(base)


def test_a_file_adds_chains(tmp_path: Path) -> None:
    path = chains_file(
        tmp_path,
        '[chains.avalanche]\nfamily = "evm"\nnative = "AVAX"\nnative_decimals = 18\nblock_seconds = 2\n',
    )
    assert load_chains(path)["avalanche"].native == "AVAX"
    assert "base" in load_chains(path)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[chains.base]\nconfirmation = 3", r"chains\.base: confirmation: Extra inputs"),
        ("[chains.base]\nspan = 0", r"chains\.base: span: "),
        ("[chains.base]\nroute_tokens = []", r"chains\.base: route_tokens: Extra inputs"),
        ("[chains.new]\nfamily = 'evm'", r"chains\.new: native: Field required"),
        ("[chains.base]\nproviders = [{ url = 'base.example.com/KEY' }]", r"providers\.0\.url: must start with https"),
        (
            "[chains.base.tokens.X]\ncontract = '0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02914'\ndecimals = 6",
            r"tokens\.X\.contract: mixes upper and lower case, but its checksum",
        ),
        (
            "[chains.tron.tokens.X]\ncontract = 'TR7NHqjeKQ'\ndecimals = 6",
            r"tokens\.X\.contract: is not a Tron address",
        ),
        ("[chain.base]\nspan = 3", r"must hold \[chains\.NAME\] tables and nothing else"),
        ("chains.base = 3", r"chains\.base: must be a table"),
        ("[chains.base", "cannot be read as TOML"),
    ],
)
def test_an_invalid_entry_is_named_with_file_chain_and_field(tmp_path: Path, text: str, message: str) -> None:
    path = chains_file(tmp_path, text)
    with pytest.raises(ChainConfigError, match=message) as error:
        load_chains(path)
    assert str(path) in str(error.value)
    assert "KEY" not in str(error.value)


def test_all_mistakes_of_a_file_are_named_at_once(tmp_path: Path) -> None:
    text = """
    [chains.base]
    span = 0
    confirmation = 3
    [chains.tron]
    providers = [{ url = "tron.example.com" }, { url = "https://tron.example.com" }]
    tokens.X = { contract = "TR7NHqjeKQ", decimals = 6 }
    """
    with pytest.raises(ChainConfigError) as error:
        load_chains(chains_file(tmp_path, text))
    for field in ("base: span", "base: confirmation", "tron: providers.0.url", "tron: tokens.X.contract"):
        assert f"chains.{field}: " in str(error.value)
    assert "providers.1" not in str(error.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ChainConfigError, match=r"nowhere\.toml: cannot be read"):
        load_chains(tmp_path / "nowhere.toml")


@pytest.mark.parametrize(
    ("chain", "kind", "reader"),
    [
        ("base", None, EvmReader),
        ("tron", None, TronReader),
        ("solana", None, SolanaReader),
        ("bitcoin", None, EsploraReader),
        ("bitcoin", "bitcoind", BitcoindReader),
        ("spark", None, SparkReader),
    ],
)
async def test_each_family_has_its_reader(chain: str, kind: str | None, reader: type) -> None:
    provider = ProviderSpec.model_validate({"url": "https://user:secret@example.com", "kind": kind})
    opened = open_reader(load_chains()[chain], provider)
    assert type(opened) is reader
    await opened.aclose()


async def test_a_provider_kind_that_the_family_lacks_is_refused() -> None:
    provider = ProviderSpec.model_validate({"url": "https://example.com", "kind": "esplora"})
    with pytest.raises(ChainConfigError, match="only bitcoin has kinds"):
        open_reader(load_chains()["base"], provider)


async def test_a_chain_is_opened_with_all_its_providers() -> None:
    reader = open_chain(load_chains()["base"])
    assert isinstance(reader, FailoverReader)
    await reader.aclose()


def test_a_chain_without_providers_cannot_be_opened() -> None:
    with pytest.raises(ChainConfigError, match=r"chains\.spark: providers: is empty"):
        open_chain(load_chains()["spark"])


def test_trons_own_coin_cannot_be_watched(tmp_path: Path) -> None:
    spec = load_chains(chains_file(tmp_path, "[chains.tron]\nwatch_native = true"))["tron"]
    with pytest.raises(ChainConfigError, match="watch_native"):
        open_reader(spec, spec.providers[0])
