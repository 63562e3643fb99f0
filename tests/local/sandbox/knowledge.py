"""What a sandbox knows, to compare its memory with its state file."""

from pathlib import Path
from typing import Any

from baton.local.sandbox.engine.world import SandboxWorld
from baton.local.sandbox.options import Options


def knowledge_of(world: SandboxWorld) -> dict[str, Any]:
    """Everything that a sandbox must still know after a restart."""
    store = world.store
    tables = {
        "addresses": store.addresses,
        "standing": store.standing,
        "links": store.pay_links,
        "codes": store.short_links,
        "affiliates": world.affiliates.registered,
        "claims": world.affiliates.claims,
        "prices": world.prices,
    }
    things = {"quotes": store.quotes, "deposits": store.deposits, "orders": store.orders}
    return {
        **{name: dict(table) for name, table in {**tables, **things}.items()},
        "deliveries": world.webhooks.deliveries,
        "faults": [*world.call_faults.matching(None), *world.webhook_faults.matching(None)],
        "keys": dict(world.api_keys),
        "clock": world.clock.offset,
        "spot": world.spot_known,
        "scenario": world.scenarios.default,
        "scenario_of": dict(world.scenario_of),
    }


def knowledge_in(file: Path) -> dict[str, Any]:
    """What a sandbox that starts on this state file knows."""
    world = SandboxWorld(Options(state_file=file))
    try:
        return knowledge_of(world)
    finally:
        world.memory.close()
