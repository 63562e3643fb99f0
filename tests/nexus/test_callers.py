"""The caller of an operation is named by the link to its history."""

import pytest
from nexusrpc import Link

from baton.nexus.callers import MAX_CALLER, caller_of

EVENT = "temporal.api.common.v1.Link.WorkflowEvent"


@pytest.mark.parametrize(
    ("url", "caller"),
    [
        ("temporal:///namespaces/shop/workflows/sale-42/0199/history?eventID=5", "nexus:shop/sale-42"),
        ("temporal:///namespaces/shop/workflows/sale%2F42/0199/history", "nexus:shop/sale/42"),
        ("https://example.com/", "nexus"),
        ("temporal:///namespaces/shop", "nexus"),
        ("temporal://[::1", "nexus"),
    ],
)
def test_the_caller_is_the_workflow_that_the_link_names(url: str, caller: str) -> None:
    assert caller_of([Link(url=url, type=EVENT)]) == caller


def test_without_a_link_the_caller_is_unknown() -> None:
    assert caller_of([]) == "nexus"


def test_a_long_name_is_cut() -> None:
    link = Link(url=f"temporal:///namespaces/shop/workflows/{'a' * 500}/0199/history", type=EVENT)

    assert len(caller_of([link])) == MAX_CALLER
