"""Reusable addresses: created once for each reference, shown with their fixed terms, disabled, and told apart."""

import uuid
from typing import Any

import pytest

from baton.errors import SourceRefused, SourceUnknown
from baton.sources.state import SourcePhase
from tests.end_to_end.world import SPARK, World
from tests.eventually import eventually

EVM = "0x52908400098527886E0F7030069857D2E4169EE7"


def accumulation(**fields: Any) -> dict[str, Any]:
    """Return the document of an accumulation address with a fresh reference."""
    return {
        "type": "accumulation",
        "reference": f"till-{uuid.uuid4().hex[:12]}",
        "sourceChain": "base",
        "sourceAsset": "USDC",
        "destinationAsset": "BTC",
        "recipientSparkAddress": SPARK,
        "feeBps": 25,
        "label": "Till 7",
        "metadata": {"shop": "7"},
        **fields,
    }


def liquidation(**fields: Any) -> dict[str, Any]:
    """Return the document of a liquidation address with a fresh reference."""
    return {
        "type": "liquidation",
        "reference": f"mine-{uuid.uuid4().hex[:12]}",
        "destinationChain": "base",
        "destinationAsset": "USDC",
        "destinationAddress": EVM,
        **fields,
    }


async def test_an_address_is_created_with_its_fixed_terms(world: World) -> None:
    document = accumulation(slippageBps=80)
    address = await world.baton.create_address(document)

    assert address.phase is SourcePhase.ENABLED
    assert address.created is not None
    assert (address.created.fee_bps, address.created.slippage_bps) == (25, 80)
    assert address.addresses.keys() == {"base"}
    assert (address.label, address.metadata, address.route) == ("Till 7", {"shop": "7"}, "base:USDC>spark:BTC")
    assert await world.baton.address(document["reference"]) == address


async def test_creating_the_same_again_returns_the_same_address(world: World) -> None:
    document = liquidation()
    first, second = [await world.baton.create_address(document) for _ in range(2)]

    assert second == first
    assert first.addresses.keys() == {"bitcoin"}


async def test_another_request_under_the_reference_is_refused_by_field(world: World) -> None:
    document = accumulation()
    await world.baton.create_address(document)

    with pytest.raises(SourceRefused, match="slippageBps: nothing created, 70 requested") as refused:
        await world.baton.create_address({**document, "slippageBps": 70})

    assert refused.value.code == "reference_conflict"


async def test_an_address_that_orchestra_refuses_frees_its_reference(world: World) -> None:
    document = accumulation(recipientSparkAddress="nobody")
    with pytest.raises(SourceRefused, match="recipientSparkAddress") as refused:
        await world.baton.create_address(document)
    assert refused.value.code == "invalid_address"

    corrected = await world.baton.create_address({**document, "recipientSparkAddress": SPARK})

    assert corrected.phase is SourcePhase.ENABLED


async def test_a_disabled_address_keeps_its_reference(world: World) -> None:
    document = accumulation()
    await world.baton.create_address(document)

    disabled = await world.baton.disable_address(document["reference"], reason="the shop closed")

    assert disabled.phase is SourcePhase.DISABLED
    assert disabled.reason is not None
    assert disabled.reason.message == "the shop closed"
    assert (await world.baton.address(document["reference"])).phase is SourcePhase.DISABLED
    with pytest.raises(SourceRefused, match="was disabled; create it under a new reference"):
        await world.baton.create_address(document)
    with pytest.raises(SourceRefused, match="is closed"):
        await world.baton.disable_address(document["reference"])


async def test_an_unknown_reference_has_no_address(world: World) -> None:
    with pytest.raises(SourceUnknown, match="no address or link has this reference"):
        await world.baton.address("nobody-knows-it")
    with pytest.raises(SourceUnknown):
        await world.baton.disable_address("nobody-knows-it")


async def test_addresses_are_listed_by_account_and_phase(world: World) -> None:
    document = accumulation()
    await world.baton.create_address(document)

    async def listed(phase: str) -> bool:
        lines = await world.baton.addresses(account="default", phase=phase, limit=1000)
        return document["reference"] in [line.reference for line in lines]

    await eventually(lambda: listed("enabled"))
    await world.baton.disable_address(document["reference"])
    await eventually(lambda: listed("disabled"))
    assert not await listed("enabled")


async def test_the_ledger_knows_an_address_before_it_is_answered(world: World) -> None:
    document = accumulation()
    address = await world.baton.create_address(document)

    row = await world.ledger.sources.at_address("default", address.addresses["base"].upper().replace("0X", "0x"))

    assert row is not None
    assert (row.reference, row.metadata, row.enabled) == (document["reference"], {"shop": "7"}, True)
    assert row.orchestra_id == (address.created.orchestra_id if address.created else None)
