"""A connection to a server that says for a moment that it does not have the namespace which it served before."""

from collections.abc import Mapping
from typing import Any

import pytest
from google.protobuf.message import Message
from temporalio.api.workflowservice.v1 import SignalWorkflowExecutionRequest
from temporalio.service import ConnectConfig, RPCError, RPCStatusCode, ServiceClient, ServiceResponse

from baton import temporal_connection
from baton.temporal_connection import PAUSES, RenewableConnection, TemporalLogin

CONFIG = ConnectConfig("127.0.0.1:7233", lazy=True)

NO_NAMESPACE = "Namespace default is not found."
NO_WORKFLOW = "workflow not found for ID: order/default/shop-1"


class BusyServer(ServiceClient):
    """Answers calls one after the other: with an error of these words, or None for a success."""

    def __init__(self, *answers: str | None) -> None:
        super().__init__(CONFIG)
        self.answers = list(answers)

    @property
    def worker_service_client(self) -> ServiceClient:  # type: ignore[override]  # the SDK's class for it is private
        raise NotImplementedError

    def update_rpc_metadata(self, metadata: Mapping[str, str | bytes]) -> None:
        raise NotImplementedError

    def update_api_key(self, api_key: str | None) -> None:
        raise NotImplementedError

    async def _rpc_call(
        self, rpc: str, req: Message, resp_type: type[ServiceResponse], **options: Any
    ) -> ServiceResponse:
        if answer := self.answers.pop(0):
            raise RPCError(answer, RPCStatusCode.NOT_FOUND, b"")
        return resp_type()


@pytest.fixture(autouse=True)
def short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(temporal_connection, "PAUSES", [0.0] * len(PAUSES))


async def signal(server: BusyServer, times: int = 1) -> None:
    connection = RenewableConnection(CONFIG, server, lambda: TemporalLogin(None, False, {}))
    for _ in range(times):
        await connection.workflow_service.signal_workflow_execution(SignalWorkflowExecutionRequest(), retry=True)


async def test_a_namespace_that_was_served_before_is_asked_for_again() -> None:
    server = BusyServer(None, NO_NAMESPACE, NO_NAMESPACE, None)

    await signal(server, times=2)

    assert server.answers == []


async def test_a_namespace_that_stays_away_is_reported_after_some_seconds() -> None:
    server = BusyServer(None, *[NO_NAMESPACE] * (len(PAUSES) + 1))

    with pytest.raises(RPCError, match="Namespace default"):
        await signal(server, times=2)

    assert server.answers == []
    assert 2 < sum(PAUSES) < 10


async def test_a_namespace_that_was_never_there_is_reported_at_once() -> None:
    server = BusyServer(NO_NAMESPACE, None)

    with pytest.raises(RPCError, match="Namespace default"):
        await signal(server)

    assert server.answers == [None]


async def test_a_workflow_that_is_unknown_is_reported_at_once() -> None:
    server = BusyServer(None, NO_WORKFLOW, None)

    with pytest.raises(RPCError, match="workflow not found"):
        await signal(server, times=2)

    assert server.answers == [None]
