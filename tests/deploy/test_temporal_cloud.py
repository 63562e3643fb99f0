"""A namespace whose key may not list search attributes, as in Temporal Cloud: Baton asks for them in a query."""

from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any, NoReturn

import pytest
import pytest_asyncio
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode
from temporalio.testing import WorkflowEnvironment

from baton.doctor.temporal_server import check_server
from baton.health.findings import CheckFinding, Level
from baton.orders.visibility import REGISTRY
from baton.temporal import TemporalUnavailable, ensure_search_attributes
from tests.eventually import eventually
from tests.temporal_server import started, temporal_binary


@pytest_asyncio.fixture(scope="module")
async def client() -> AsyncIterator[Client]:
    """Yield a client of a fresh server without Baton's search attributes."""
    async with await started(
        lambda: WorkflowEnvironment.start_local(
            dev_server_existing_path=temporal_binary(), dev_server_log_level="never"
        )
    ) as server:
        yield server.client


async def refuse(*_: object) -> NoReturn:
    raise RPCError("Request unauthorized.", RPCStatusCode.PERMISSION_DENIED, b"")


@pytest.fixture
def refused(client: Client, monkeypatch: pytest.MonkeyPatch) -> Client:
    """Return the client, to which the server refuses whatever belongs to operators."""
    operators = SimpleNamespace(list_search_attributes=refuse, add_search_attributes=refuse)
    monkeypatch.setattr(client.service_client, "operator_service", operators)
    return client


async def finding(client: Client) -> CheckFinding:
    found = {one.check: one async for one in check_server(client)}
    return found["temporal.search_attributes"]


async def test_a_search_attribute_that_is_missing_is_named_at_the_start(refused: Client) -> None:
    with pytest.raises(TemporalUnavailable, match=r"invalid search attribute: BatonPartner; create them as docs/temp"):
        await ensure_search_attributes(refused, REGISTRY)
    assert (await finding(refused)).level is Level.PROBLEM
    assert "BatonPartner" in (await finding(refused)).message


async def test_a_search_attribute_of_another_type_is_named_at_the_start(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    await ensure_search_attributes(client, {"Shade": "Double"})
    monkeypatch.setattr(client.service_client, "operator_service", SimpleNamespace(list_search_attributes=refuse))

    async def objection() -> str:
        with pytest.raises(TemporalUnavailable) as raised:
            await ensure_search_attributes(client, {"Shade": "Keyword"})
        return str(raised.value)

    await eventually(objection, lambda text: "search attribute Shade of type Double" in text)


async def test_with_all_search_attributes_worker_and_doctor_are_content(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    await ensure_search_attributes(client, REGISTRY)
    operators: Any = SimpleNamespace(list_search_attributes=refuse, add_search_attributes=refuse)
    monkeypatch.setattr(client.service_client, "operator_service", operators)

    async def registered() -> list[str] | None:
        try:
            return await ensure_search_attributes(client, REGISTRY)
        except TemporalUnavailable:  # the server's cache of attributes is a moment behind
            return None

    assert await eventually(registered, lambda names: names is not None) == []
    assert (await finding(client)).level is Level.OK
