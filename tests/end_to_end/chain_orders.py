"""Orders whose deposits are on a real chain, where the sandbox does not detect them by itself."""

from typing import Any

from pydantic import SecretStr

from baton.chains.spec import ChainSpec, Family, ProviderSpec, Token
from baton.encoding.addresses import checksummed
from baton.orders.answers import Placement, Snapshot
from tests.end_to_end.world import World
from tests.eventually import eventually

AGREED = 100_000_000


def evm_chain(token: str, *urls: str, **fields: Any) -> ChainSpec:
    """Return an anvil node as a chain, on which two blocks confirm a deposit."""
    usual = {
        "name": "base",
        "family": Family.EVM,
        "chain_id": 31337,
        "native": "ETH",
        "native_decimals": 18,
        "watch_native": False,
        "tokens": {"USDC": Token(contract=checksummed(token), decimals=6)},
        "providers": tuple(ProviderSpec(url=SecretStr(url)) for url in urls),
        "confirmations": 2,
        "poll_seconds": 0.1,
        "block_seconds": 2,
    }
    return ChainSpec(**{**usual, **fields})


async def known_to_orchestra(world: World, placed: Placement, tx_hash: str, amount: int = AGREED) -> None:
    """Let the sandbox accept that transaction as the order's deposit once it is submitted."""
    await world.sandbox.deposit(placed.quote_id, txHash=tx_hash, amount=amount, detect=False)


async def until_seen(world: World, placed: Placement, *verdicts: str) -> Snapshot:
    return await eventually(
        lambda: world.snapshot(placed),
        lambda snapshot: [deposit.verdict for deposit in snapshot.deposits] == list(verdicts),
    )


async def submits(world: World, placed: Placement) -> list[dict[str, Any]]:
    calls = await world.sandbox.requests("submit")
    return [call for call in calls if (call["idempotencyKey"] or "").startswith(f"{placed.workflow_id}/")]
