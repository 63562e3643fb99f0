"""`baton start` and `baton estimate` for off-ramps."""

import json
import uuid

from tests.cli.command import Baton
from tests.cli.partner import beside_sandbox
from tests.end_to_end.test_offramps import EVM, OFFRAMP
from tests.end_to_end.world import World


async def test_an_offramp_is_started_by_options(world: World, baton: Baton) -> None:
    order = {**OFFRAMP, "reference": f"off-{uuid.uuid4().hex[:12]}"}
    options = [
        *("--kind", "offramp", "--source-chain", "base", "--source-asset", "USDC", "--amount", "50000000"),
        *("--recipient-address", "$jane", "--refund-address", EVM, "--reference", order["reference"]),
    ]

    started = await baton("start", *options, "--json")

    assert started.code == 0
    assert started.json["deposit_address"] == (await world.baton.place(order)).deposit_address


async def test_an_offramp_is_priced_as_btc_on_lightning(alone: Baton) -> None:
    async with beside_sandbox(alone) as (baton, control):
        priced = await baton("estimate", "--file", "-", "--json", stdin=json.dumps(OFFRAMP))
        (call,) = await control.requests("estimate")

    assert (priced.code, priced.json["destination"], priced.json["amount_in"]) == (0, "lightning:BTC", "50000000")
    assert call["query"]["recipientAddress"] == "jane@cash.app"


async def test_an_option_that_an_offramp_does_not_have_is_named(alone: Baton) -> None:
    answer = await alone("start", "--file", "-", "--payer", "p", stdin=json.dumps(OFFRAMP))

    assert answer.code == 2
    assert "payer: an off-ramp has no such field; leave it out (--payer)" in answer.err
