"""The code in the README works as shown."""

import re

import pytest

from baton.orders.models import Outcome
from tests.end_to_end.world import World
from tests.paths import ROOT

README = ROOT / "README.md"


async def test_the_client_of_the_readme_completes_an_order(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEMPORAL_ADDRESS", world.environment.client.service_client.config.target_host)
    code = re.search(r"```python\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL).group(1)
    shown: dict = {}
    exec(compile(code, str(README), "exec"), shown)

    async def pay(address: str, amount: int) -> str:
        paid = await world.sandbox.deposit(deposit_address=address, amount=amount)
        return paid["txHash"]

    result = await shown["sell_usdc"]("readme-invoice-1", pay)

    assert result.outcome is Outcome.COMPLETED
