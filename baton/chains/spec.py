"""The configuration of a chain: tokens, confirmations, providers and poll interval. Pure models.

The shipped chains are in `catalogue.toml`; `BATON_CHAINS_FILE` adds chains or changes single fields of them.
"""

from enum import StrEnum
from typing import NamedTuple, Self

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, SecretStr

_STRICT = ConfigDict(extra="forbid", frozen=True)


class Family(StrEnum):
    """Which reader a chain needs."""

    EVM = "evm"
    TRON = "tron"
    BITCOIN = "bitcoin"
    SOLANA = "solana"
    SPARK = "spark"


class Token(BaseModel):
    """A token that the chain's configuration lists."""

    model_config = _STRICT

    contract: str
    """Contract, mint or identifier."""
    decimals: int = Field(ge=0, le=36)


class KnownToken(NamedTuple):
    """A token with a name: by the chain's configuration, or by the partner API's routes."""

    symbol: str
    """The partner API's name for it."""
    contract: str
    """In the chain's canonical spelling."""
    decimals: int | None
    """Only for showing amounts; the routes may not say."""


class ProviderSpec(BaseModel):
    """One provider of a chain."""

    model_config = _STRICT

    url: SecretStr
    """May hold a key, so it is never shown."""
    kind: str | None = Field(default=None, pattern="^(esplora|bitcoind)$")
    """Only Bitcoin has kinds; None is Esplora."""
    headers: dict[str, SecretStr] = {}
    span: int | None = Field(default=None, ge=1)
    """Most blocks in one log query of this provider; None uses the chain's `span`."""


class ChainSpec(BaseModel):
    """One chain."""

    model_config = _STRICT

    name: str
    """The partner API's name for it."""
    family: Family
    chain_id: int | None = None
    """EVM and Tron: what `eth_chainId` must answer; None leaves it unchecked."""
    native: str
    """Symbol of the chain's own coin."""
    native_decimals: int = Field(ge=0, le=36)
    watch_native: bool = True
    """Whether to watch the chain's own coin; on EVM that costs a call for each block."""
    tokens: dict[str, Token] = {}
    """Known tokens by symbol."""
    providers: tuple[ProviderSpec, ...] = ()
    """In order of preference; a chain without providers is not watched."""
    confirmations: int = Field(default=1, ge=0)
    """Confirmations, the deposit's own block included, after which it counts as confirmed."""
    final_after: int | None = Field(default=None, ge=1)
    """Confirmations, the deposit's own block included, after which it counts as final. None: the node's `finalized`
    tag decides."""
    confirmed_tag: str | None = Field(default=None, pattern="^(safe|finalized)$")
    """EVM: a block tag that decides what is confirmed, instead of a number of confirmations."""
    behind: int = Field(default=0, ge=0)
    """Blocks to stay behind the head, because not every node behind a load balancer has the newest ones."""
    span: int = Field(default=1000, ge=1)
    """Most blocks in one log query."""
    poll_seconds: float = Field(default=10, gt=0)
    block_seconds: float = Field(gt=0)
    """Usual time between two blocks; only to estimate where a first scan starts."""
    explorer: str | None = Field(default=None, pattern=r"^https://[^\s{}\"'<>]+\{tx\}[^\s{}\"'<>]*$")
    """Page of a public block explorer about one transaction, with `{tx}` in the place of its id; only for links."""

    _route_tokens: tuple[KnownToken, ...] = PrivateAttr(default=())
    """Not a field: no file may set it."""

    @property
    def route_tokens(self) -> tuple[KnownToken, ...]:
        """Tokens of the partner API's routes, learnt while the chain is watched.

        They name a contract before `tokens` does; a symbol may have a contract in both.
        """
        return self._route_tokens

    def with_routes(self, tokens: tuple[KnownToken, ...]) -> Self:
        """Return the chain with these as the tokens of the routes."""
        copy = self.model_copy()
        copy._route_tokens = tokens
        return copy

    @property
    def known_tokens(self) -> tuple[KnownToken, ...]:
        """The tokens of the routes, then those of the configuration."""
        configured = (KnownToken(symbol, token.contract, token.decimals) for symbol, token in self.tokens.items())
        return *self.route_tokens, *configured

    def token_of(self, contract: str) -> KnownToken | None:
        """Return the token of a contract in the chain's canonical spelling; None if the contract is unknown."""
        return next((token for token in self.known_tokens if token.contract == contract), None)
