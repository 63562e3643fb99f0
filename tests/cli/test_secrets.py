"""No command repeats a key that Orchestra repeats in its answer."""

import base64

import pytest

from tests.cli.command import Baton
from tests.cli.partner import beside_sandbox

KEY = "fn_cliA1b2C3d4E5f6G7h8"


@pytest.mark.parametrize("echo", [KEY, KEY.upper(), base64.b64encode(KEY.encode()).decode()])
@pytest.mark.parametrize("arguments", [("routes",), ("routes", "--json"), ("webhook", "list", "--json")], ids=" ".join)
async def test_a_repeated_key_is_blanked_out(alone: Baton, arguments: tuple[str, ...], echo: str) -> None:
    async with beside_sandbox(alone) as (baton, control):
        await control.accept_keys(KEY)
        group = {"routes": "routes", "webhook": "webhooks"}[arguments[0]]
        await control.fault(
            group, "error", times=10, status=400, code="invalid_request", message=f"no such key: {echo}"
        )
        result = await baton(*arguments, ORCHESTRA_API_KEY=KEY)

    assert result.code != 0
    assert "no such key: [secret]" in result.out + result.err
    assert echo not in result.out + result.err
