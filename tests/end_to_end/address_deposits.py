"""Deposits to reusable addresses: made in the sandbox, shown as a chain's watch would, and their orders."""

import asyncio
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

from activities.support.address_notices import AddressNotifier
from activities.support.address_watches import AddressWatches
from baton.chains.changes import News
from baton.chains.deposits import Deposit, DepositState
from baton.gateway.ops.fitting import money_ids
from baton.order_lists import OrderLine
from baton.orders.answers import Snapshot
from baton.orders.models import Outcome
from baton.sources.answers import SourceSnapshot
from tests.end_to_end.world import World
from tests.eventually import eventually

EVM = "0x52908400098527886E0F7030069857D2E4169EE7"
PAID = 50_000_000
_LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


async def pay(world: World, address: SourceSnapshot, amount: int = PAID, **fields: Any) -> dict[str, Any]:
    """Pay a reusable address on its first chain, or on `chain`; return the proof."""
    chain = fields.pop("chain", None) or next(iter(address.addresses))
    return await world.sandbox.deposit(deposit_address=address.addresses[chain], chain=chain, amount=amount, **fields)


def shown(address: SourceSnapshot, tx_id: str, amount: int = PAID, **fields: Any) -> Deposit:
    """Return a deposit as the chain shows it: USDC on base, confirmed, unless said otherwise."""
    usual: dict[str, Any] = {
        "chain": "base",
        "asset": "0xusdc",
        "symbol": "USDC",
        "decimals": 6,
        "index": "0",
        "confirmations": 3,
        "state": DepositState.CONFIRMED,
    }
    chain = fields.get("chain", "base")
    return Deposit(**{**usual, "tx_id": tx_id, "address": address.addresses[chain], "amount": amount, **fields})


async def show(world: World, *deposits: Deposit, before: Deposit | None = None) -> int:
    """Bring deposits to their orders as a chain's watch does; return how many orders heard of one."""
    chains = {deposit.chain for deposit in deposits}
    owners = AddressWatches()
    for chain in chains:
        for row in await world.ledger.sources.watched(chain, _LONG_AGO):
            owners.owners.setdefault(row.address, []).append(row)
    notifier = AddressNotifier(world.environment.client, {world.account.name: world.account}, world.ledger)
    return await notifier.notify([News(before, deposit) for deposit in deposits], owners)


async def orders_of(world: World, address: SourceSnapshot) -> list[Snapshot]:
    """Return the orders of a reusable address, oldest first."""
    lines = await _lines(world, address)
    return list(await asyncio.gather(*(world.baton.snapshot(line.reference) for line in reversed(lines))))


async def until_orders(world: World, address: SourceSnapshot, *statuses: str | None) -> list[Snapshot]:
    """Wait until the address has exactly the orders with these statuses, in any order; return them."""
    wanted = sorted(map(str, statuses))

    def reached(orders: list[Snapshot]) -> bool:
        return sorted(str(order.status) for order in orders) == wanted

    return await eventually(lambda: orders_of(world, address), reached)


async def _lines(world: World, address: SourceSnapshot) -> list[OrderLine]:
    return await world.baton.address_deposits(address.reference, limit=1000)


def standing(recipient: str, **fields: Any) -> dict[str, Any]:
    """Return the document of a standing address with a fresh reference."""
    destination = {"chain": "spark", "asset": "BTC", "address": recipient}
    return {"type": "standing", "reference": f"own-{uuid.uuid4().hex[:12]}", "destination": destination, **fields}


async def refund(world: World, order: Snapshot, note: str, refund_address: str | None = None) -> None:
    """Ask for the refund of an order's deposit, as a person does."""
    await world.baton.refund_deposit(order.reference, note=note, refund_address=refund_address)


async def resolved_elsewhere(world: World, order: Snapshot) -> None:
    """Close an order by hand, as a person does once the money was settled elsewhere."""
    note, known = "settled with Orchestra's support", money_ids(order)
    await world.baton.resolve(order.reference, note=note, close_as=Outcome.FAILED, despite=known)


async def advance(world: World, order: Snapshot, **delta: float) -> None:
    """Move the order's clock ahead, so that its due timers fire."""
    handle = world.environment.client.get_workflow_handle(order.workflow_id)
    await world.environment.fast_forward(handle, timedelta(**delta))


async def until_disabled(world: World, address: SourceSnapshot) -> None:
    """Wait until the ledger shows the address as disabled, as a chain's watch reads it."""

    async def enabled() -> bool:
        row = await world.ledger.sources.source(address.account, address.kind, address.reference)
        return row is None or row.enabled

    await eventually(enabled, lambda is_enabled: not is_enabled)
