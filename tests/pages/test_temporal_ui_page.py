"""The page on the Temporal UI has every saved query and every search attribute, as the code has them."""

import re

from baton.orders.saved_queries import saved_queries
from baton.orders.visibility import REGISTRY
from tests.paths import ROOT

PAGE = (ROOT / "docs" / "temporal-ui.md").read_text(encoding="utf-8")


def test_the_page_has_every_saved_query() -> None:
    rows = re.findall(r"^\| ([^|`]+) \| `([^`]+)` \| ([^|]+) \|$", PAGE, re.MULTILINE)

    assert rows == [(query.title, query.query, query.note) for query in saved_queries()]


def test_the_page_has_every_search_attribute_with_its_type() -> None:
    rows = re.findall(r"^\| ((?:`\w+`(?:, )?)+) \| (\w+) \|", PAGE, re.MULTILINE)
    shown = {name: kind for names, kind in rows for name in re.findall(r"`(\w+)`", names)}

    assert shown == REGISTRY


def test_the_page_of_temporal_cloud_creates_every_search_attribute() -> None:
    page = (ROOT / "docs" / "temporal-cloud.md").read_text(encoding="utf-8")

    assert dict(re.findall(r"--search-attribute (\w+)=(\w+)", page)) == REGISTRY
