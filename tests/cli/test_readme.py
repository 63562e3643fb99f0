"""The orders in the README can be placed as written."""

import re
import shlex

import pytest

from tests.cli.command import Baton
from tests.paths import ROOT

README = ROOT / "README.md"
STARTS = re.findall(r"^\$ baton (start (?:.*\\\n)*.*)$", README.read_text(encoding="utf-8"), re.MULTILINE)


def test_the_readme_starts_a_swap_and_an_onramp() -> None:
    assert ["--kind onramp" in start for start in STARTS] == [False, True]


@pytest.mark.parametrize("start", STARTS, ids=lambda start: shlex.split(start)[1])
async def test_each_order_of_the_readme_can_be_placed(baton: Baton, start: str) -> None:
    started = await baton(*shlex.split(start.replace("\\\n", " ")))

    assert (started.code, started.err) == (0, "")
    assert "invoice-4" in started.out
