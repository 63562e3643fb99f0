"""The page on attention names every reason, with what to do."""

import re

from baton.orders.rules.attention import AttentionReason
from tests.paths import ROOT

ROWS = re.findall(r"^\| `(\w+)` \|", (ROOT / "docs" / "attention.md").read_text(encoding="utf-8"), re.MULTILINE)


def test_the_page_on_attention_has_a_row_for_every_reason() -> None:
    assert sorted(ROWS) == sorted(AttentionReason)
