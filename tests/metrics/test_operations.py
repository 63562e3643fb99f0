"""The label of a call to Orchestra has no ids, and says how the call ended."""

import contextlib

import httpx
import pytest

from baton.orchestra.client import OrchestraClient
from baton.orchestra.errors import OrchestraError
from baton.orchestra.operations import CallReport, operation_of


@pytest.mark.parametrize(
    ("method", "path", "operation"),
    [
        ("POST", "/v1/orchestration/quote", "POST /v1/orchestration/quote"),
        ("GET", "/v1/sse/operations/ord_1234", "GET /v1/sse/operations/{id}"),
        ("POST", "/v1/affiliates/shop%2F9/claim", "POST /v1/affiliates/{id}/claim"),
        ("PUT", "/v1/standing-deposit-addresses/0xabc", "PUT /v1/standing-deposit-addresses/{id}"),
    ],
)
def test_an_id_in_a_path_is_not_part_of_the_operation(method: str, path: str, operation: str) -> None:
    assert operation_of(method, path) == operation


def answering(status: int, body: dict[str, object]) -> httpx.MockTransport:
    return httpx.MockTransport(lambda _: httpx.Response(status, json=body))


def failing(request: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError("no route", request=request)


@pytest.mark.parametrize(
    ("transport", "result"),
    [
        (answering(200, {"routes": []}), "ok"),
        (answering(429, {"error": {"code": "rate_limited", "message": "slower"}}), "rate_limited"),
        (answering(401, {"error": {"code": "unauthorized", "message": "no"}}), "unauthorized"),
        (answering(400, {"error": {"code": "bad_request", "message": "no"}}), "refused"),
        (answering(404, {}), "proxy_answer"),
        (answering(503, {}), "server_trouble"),
        (httpx.MockTransport(failing), "no_answer"),
    ],
)
async def test_each_call_is_reported_with_its_result(transport: httpx.MockTransport, result: str) -> None:
    reports: list[CallReport] = []
    async with OrchestraClient("http://orchestra", "key", transport=transport, observe=reports.append) as client:
        with contextlib.suppress(OrchestraError):
            await client.routes()

    assert [(report.operation, report.result) for report in reports] == [("GET /v1/orchestration/routes", result)]
    assert reports[0].reads


async def test_an_event_stream_is_one_call_of_the_read_budget() -> None:
    reports: list[CallReport] = []
    stream = httpx.MockTransport(lambda _: httpx.Response(200, headers={"content-type": "text/event-stream"}, text=""))
    async with OrchestraClient("http://orchestra", "key", transport=stream, observe=reports.append) as client:
        try:
            async for _ in client.statuses("ord_1", silence=1):
                pass
        except OrchestraError:
            pass

    assert [(report.operation, report.result, report.reads) for report in reports] == [
        ("GET /v1/sse/operations/{id}", "ok", True)
    ]
