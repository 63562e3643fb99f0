"""The scenarios of the published transition table, one for each row."""

from itertools import pairwise

import pytest

from baton.local.sandbox.control import SandboxControl
from baton.local.sandbox.scenarios import list_scenarios
from baton.local.sandbox.scenarios.edges import Edge, all_edges
from baton.orchestra.lifecycle import EVENTS, HARD_ENDS, PUBLIC_EDGES, SILENT_EDGES
from tests.eventually import eventually
from tests.local.sandbox.partner import LIGHTNING_TO_USDB, USDC_TO_BTC, Document, Partner, Receiver


def test_the_table_has_1_first_47_public_and_11_silent_rows() -> None:
    edges = all_edges()
    rows = {(before, after) for table in (PUBLIC_EDGES, SILENT_EDGES) for before in table for after in table[before]}
    assert {(edge.before, edge.after) for edge in edges[1:]} == rows
    assert (edges[0].name, len(edges)) == ("edge_new_to_processing", 1 + 47 + 11)
    assert sum(edge.is_silent for edge in edges) == 11


def test_every_row_of_the_table_has_a_scenario() -> None:
    listed = {scenario.name: scenario for scenario in list_scenarios()}
    assert {edge.name for edge in all_edges()} <= set(listed)
    assert listed["edge_processing_to_confirming"].description == (
        "Takes processing to confirming: processing, confirming, completed."
    )
    assert len(listed) == len(list_scenarios())


@pytest.mark.parametrize("edge", all_edges(), ids=lambda edge: edge.name)
def test_the_scenario_of_a_row_takes_it_and_reaches_a_hard_end(edge: Edge) -> None:
    statuses = edge.statuses
    assert statuses[0] == "processing"
    assert statuses[-1] in HARD_ENDS
    assert edge.before is None or (edge.before, edge.after) in pairwise(statuses)
    assert "refunding" not in statuses or statuses[-1] != "completed"
    assert not any(status in HARD_ENDS for status in statuses[:-1])


@pytest.mark.parametrize("body", [USDC_TO_BTC, LIGHTNING_TO_USDB], ids=["base", "lightning"])
async def test_an_order_can_take_every_row_and_sends_its_webhooks(
    partner: Partner, control: SandboxControl, receiver: Receiver, body: Document
) -> None:
    await partner.post("/v1/webhooks", {"url": receiver.url})
    for edge in all_edges():
        quote = await partner.quote(body)
        await control.set_scenario(edge.name, quote["quoteId"])
        await partner.submit(quote, await control.deposit(quote["quoteId"]))

    def ended(orders: list[Document]) -> bool:
        return all(order["internalStatus"] in HARD_ENDS for order in orders)

    orders = await eventually(control.orders, ended, within=20)
    deliveries = await control.deliveries()
    for edge, order in zip(all_edges(), orders, strict=True):
        assert [move["status"] for move in order["moves"]] == list(edge.statuses)
        events = [delivery["event"] for delivery in deliveries if delivery["orderId"] == order["id"]]
        assert set(events) <= set(EVENTS)
        assert edge.is_silent or edge.before == "paused" or f"order.{edge.after}" in events
    assert await control.violations() == []
