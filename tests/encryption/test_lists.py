"""Orders of which some are encrypted with a key that is not here."""

from collections.abc import AsyncIterator

import pytest
from temporalio.client import Client

from baton.encryption.keys import PayloadKeys, UnknownKey, new_key
from baton.order_lists import OrderLists
from baton.orders.names import ORDER_WORKFLOW
from baton.orders.start import as_started, start_options
from baton.orders.visibility import OrderLine
from baton.payloads import encrypting_converter
from tests.encryption.test_lagging_processes import with_converter
from tests.eventually import eventually
from tests.orders.states import order
from tests.temporal_server import temporal_server

K1, K2, K3 = new_key("k1"), new_key("k2"), new_key("k3")


@pytest.fixture(scope="module")
async def server() -> AsyncIterator[Client]:
    """A server with two waiting orders, each encrypted with a key of its own."""
    async with temporal_server() as environment:
        for key, reference in ((K1, "first"), (K2, "second")):
            placed = as_started(order().model_copy(update={"reference": reference}))
            await with_keys(environment.client, key).start_workflow(ORDER_WORKFLOW, placed, **start_options(placed))
        yield environment.client


def with_keys(client: Client, keys: str) -> Client:
    return with_converter(client, encrypting_converter(PayloadKeys(text=keys)))


async def listed(client: Client, keys: str) -> dict[str, OrderLine]:
    lines = await eventually(lambda: OrderLists(with_keys(client, keys)).find(10), lambda lines: len(lines) == 2)
    return {line.reference: line for line in lines}


async def test_an_order_whose_key_is_not_here_is_listed_without_its_amount(server: Client) -> None:
    both, one = await listed(server, f"{K1},{K2}"), await listed(server, K1)
    assert both["first"].amount is not None
    assert both["second"].amount is not None
    assert one == {**both, "second": both["second"].model_copy(update={"amount": None})}


async def test_a_list_of_which_nothing_can_be_read_names_the_key_it_lacks(server: Client) -> None:
    await listed(server, K1)
    with pytest.raises(UnknownKey, match=r"'k[12]', which is not here"):
        await OrderLists(with_keys(server, K3)).find(10)
