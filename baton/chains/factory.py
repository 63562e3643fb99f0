"""Make a chain's reader from its configuration: one for each provider, behind one that falls back between them."""

from collections.abc import Callable, Mapping

import httpx

from baton.chains.bitcoin.bitcoind import BitcoindReader
from baton.chains.bitcoin.esplora import EsploraReader
from baton.chains.deposits import Reader
from baton.chains.errors import ChainConfigError
from baton.chains.evm.reader import EvmReader
from baton.chains.failover import FailoverReader
from baton.chains.http import Provider
from baton.chains.solana.reader import SolanaReader
from baton.chains.spark.reader import SparkReader
from baton.chains.spec import ChainSpec, Family, ProviderSpec
from baton.chains.tron import TronReader

_READERS: Mapping[tuple[Family, str | None], Callable[[ChainSpec, Provider], Reader]] = {
    (Family.EVM, None): EvmReader,
    (Family.TRON, None): TronReader,
    (Family.SOLANA, None): SolanaReader,
    (Family.BITCOIN, None): EsploraReader,
    (Family.BITCOIN, "esplora"): EsploraReader,
    (Family.BITCOIN, "bitcoind"): BitcoindReader,
    (Family.SPARK, None): SparkReader,
}


def open_reader(spec: ChainSpec, provider: ProviderSpec, transport: httpx.AsyncBaseTransport | None = None) -> Reader:
    """Return a reader of one chain through one provider; it makes no call before its first scan.

    Args:
        spec: The chain.
        provider: One of its providers; its `span` overrides the chain's.
        transport: An httpx transport instead of the network, for tests.

    Raises:
        ChainConfigError: The chain's family has no such kind of provider.
    """
    reader = _READERS.get((spec.family, provider.kind))
    if reader is None:
        raise ChainConfigError(f"chains.{spec.name}: providers.kind: only bitcoin has kinds; leave {provider.kind} out")
    connection = Provider(
        provider.url.get_secret_value(),
        headers={name: value.get_secret_value() for name, value in provider.headers.items()},
        transport=transport,
    )
    provider_spec = spec if provider.span is None else spec.model_copy(update={"span": provider.span})
    return reader(provider_spec, connection)


def open_chain(spec: ChainSpec) -> Reader:
    """Return a reader of one chain that falls back between its providers, in their order.

    Keep it between scans: a reader remembers its provider's limits and the blocks that it has read.

    Raises:
        ChainConfigError: The chain has no provider, or its family has no such kind of provider.
    """
    if not spec.providers:
        raise ChainConfigError(f"chains.{spec.name}: providers: is empty; name at least one, better two")
    readers = [open_reader(spec, provider) for provider in spec.providers]
    hosts = [httpx.URL(provider.url.get_secret_value()).host for provider in spec.providers]
    return FailoverReader(readers, names=hosts)
