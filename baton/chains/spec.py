"""What a chain is to Baton, as data: tokens, confirmations, providers and the pace of watching. Pure models.

The shipped chains stand in `catalogue.toml`; `BATON_CHAINS_FILE` adds chains or changes single fields of them.
"""

from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field, SecretStr

_STRICT = ConfigDict(extra="forbid", frozen=True)


class Family(StrEnum):
    """Which reader a chain needs."""

    EVM = "evm"
    TRON = "tron"
    BITCOIN = "bitcoin"
    SOLANA = "solana"
    SPARK = "spark"


class Token(BaseModel):
    """A token that the chain's configuration knows."""

    model_config = _STRICT

    contract: str
    """Contract, mint or identifier."""
    decimals: int = Field(ge=0, le=36)


class ProviderSpec(BaseModel):
    """One place to read a chain from."""

    model_config = _STRICT

    url: SecretStr
    """May hold a key, so it is never shown."""
    kind: str | None = Field(default=None, pattern="^(esplora|bitcoind)$")
    """Bitcoin alone has two kinds; None is Esplora."""
    headers: dict[str, SecretStr] = {}
    span: int | None = Field(default=None, ge=1)
    """Most blocks in one log query of this provider; None takes the chain's."""


class ChainSpec(BaseModel):
    """One chain."""

    model_config = _STRICT

    name: str
    """As the partner API calls it."""
    family: Family
    chain_id: int | None = None
    """EVM and Tron: what `eth_chainId` must answer; None leaves it unchecked."""
    native: str
    """Symbol of the chain's own coin."""
    native_decimals: int = Field(ge=0, le=36)
    watch_native: bool = True
    """Whether the chain's own coin is looked for: on EVM that costs a call for each block."""
    tokens: dict[str, Token] = {}
    """Known tokens by symbol."""
    providers: tuple[ProviderSpec, ...] = ()
    """In order of preference; without one the chain is not watched."""
    confirmations: int = Field(default=1, ge=0)
    """Blocks, its own included, after which a deposit counts as confirmed."""
    final_after: int | None = Field(default=None, ge=1)
    """Blocks, its own included, after which a deposit counts as final; None goes by the chain's `finalized` mark."""
    confirmed_tag: str | None = Field(default=None, pattern="^(safe|finalized)$")
    """EVM: a block tag that decides on `confirmed` in place of counting."""
    behind: int = Field(default=0, ge=0)
    """Blocks to stay behind the head, because balanced providers do not all know it yet."""
    span: int = Field(default=1000, ge=1)
    """Most blocks in one log query."""
    poll_seconds: float = Field(default=10, gt=0)
    block_seconds: float = Field(gt=0)
    """Usual time between two blocks; only to guess where a first scan starts."""

    def token_of(self, contract: str) -> tuple[str, Token] | None:
        """Return symbol and token of a contract in the chain's canonical spelling."""
        return next(((symbol, one) for symbol, one in self.tokens.items() if one.contract == contract), None)
