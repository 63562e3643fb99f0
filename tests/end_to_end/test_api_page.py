"""The examples of the page on the order API, run in their order against a gateway."""

import asyncio
import json
import os
import re
from typing import Any

from tests.end_to_end.world import TOKEN, World
from tests.paths import ROOT

PAGE = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
REFUSED = {
    '"accept"': "no_offer_pending",
    '"action"': "invalid_decision",
    "/resolve": "nothing_to_resolve",
    "/refund": "nothing_to_refund",
    "invoice-42/cancel": "deposit_known",
    "invoice-42/close": "money_under_way",
    "/adoptions": "order_not_at_orchestra",
}
"""What the examples ask of an order for which it is too late or too early, with the code that refuses it."""


def commands() -> list[str]:
    """Return the `curl` commands of the page, each with its following lines."""
    blocks = re.findall(r"^```console\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
    found = [command.strip() for block in blocks for command in re.split(r"^\$ ", block, flags=re.MULTILINE)]
    return [command for command in found if command.startswith("curl")]


async def run(command: str, variables: dict[str, str]) -> dict[str, Any]:
    """Run a command in a shell; return the JSON that it prints."""
    process = await asyncio.create_subprocess_exec(
        *("bash", "-euc", command), env={**os.environ, **variables}, stdout=asyncio.subprocess.PIPE
    )
    output, _ = await process.communicate()
    assert process.returncode == 0, command
    return dict(json.loads(output))


async def test_every_example_of_the_page_answers_what_the_page_says(world: World) -> None:
    variables = {"API": world.gateway_url, "AUTH": f"Authorization: Bearer {TOKEN}", "TX": ""}
    examples = commands()
    assert len(examples) > 25
    for command in examples:
        if '/deposit"' in command:
            quote = (await world.baton.snapshot("invoice-42")).quote_id
            await world.sandbox.set_scenario("stepped", quote)
            variables["TX"] = (await world.sandbox.deposit(quote_id=quote))["txHash"]
        answered = await run(command, variables)
        code = next((code for part, code in REFUSED.items() if part in command), None)
        assert (answered.get("error") or {}).get("code") == code, (command, answered)


async def test_the_first_example_carries_its_metadata_and_is_found(world: World) -> None:
    order = await world.baton.snapshot("invoice-42")
    assert (order.metadata, order.placed_by, order.amount_in) == ({"cart": "7"}, "tests", 100_000_000)
