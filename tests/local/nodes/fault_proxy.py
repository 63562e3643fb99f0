"""An httpx transport in front of a real node, with the faults of real providers."""

import json
from dataclasses import dataclass, field
from typing import Any

import httpx


@dataclass
class FaultProxy(httpx.AsyncBaseTransport):
    """Forwards calls to the real node, with faults that a test switches on.

    Attributes:
        throttled: How many of the next calls get a 429.
        throttled_at: A method, and the number of its call that gets a 429.
        truncated: How many of the next answers are cut in half.
        range_limit: The most blocks of a log query; more are refused.
        wants_contracts: Whether log queries without a contract are refused.
        lag: How many of the newest blocks this provider does not know.
        refused: Prefixes of methods that it does not have.
        odd: Answers in place of the node's, by method and first parameter; None as parameter stands for any.
        down: Whether it refuses connections.
        calls: The methods that were called.
    """

    throttled: int = 0
    throttled_at: tuple[str, int] | None = None
    truncated: int = 0
    range_limit: int | None = None
    wants_contracts: bool = False
    lag: int = 0
    refused: tuple[str, ...] = ()
    odd: dict[tuple[str, str | None], Any] = field(default_factory=dict)
    down: bool = False
    calls: list[str] = field(default_factory=list)
    _inner: httpx.AsyncHTTPTransport = field(default_factory=httpx.AsyncHTTPTransport)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if self.down:
            raise httpx.ConnectError("refused", request=request)
        call = json.loads(request.content)
        self.calls.append(call["method"])
        if self.throttled_at and self.throttled_at == (call["method"], self.calls.count(call["method"])):
            self.throttled += 1
        if self.throttled > 0:
            self.throttled -= 1
            return httpx.Response(429, headers={"Retry-After": "7"})
        if refusal := self._refusal(call["method"], call["params"]):
            return httpx.Response(200, json={"jsonrpc": "2.0", "id": call["id"], "error": refusal})
        answer = json.loads(await self._forward(request))
        for first in (None, next(iter(call["params"]), None)):
            if isinstance(first, str | None) and (call["method"], first) in self.odd:
                answer = {"jsonrpc": "2.0", "id": call["id"], **self.odd[call["method"], first]}
        if self.lag and "result" in answer:
            answer["result"] = await self._without_newest(call, answer["result"], request)
        body = json.dumps(answer).encode()
        if self.truncated > 0:
            self.truncated -= 1
            body = body[: len(body) // 2]
        return httpx.Response(200, content=body)

    async def aclose(self) -> None:
        await self._inner.aclose()

    async def _forward(self, request: httpx.Request) -> bytes:
        response = await self._inner.handle_async_request(request)
        try:
            return await response.aread()
        finally:
            await response.aclose()

    def _refusal(self, method: str, params: list[Any]) -> dict[str, Any] | None:
        if self.refused and method.startswith(self.refused):
            return {"code": -32601, "message": f"the method {method} does not exist/is not available"}
        if method != "eth_getLogs":
            return None
        if self.wants_contracts and "address" not in params[0]:
            return {"code": -32701, "message": "Please specify an address in your request"}
        blocks = int(params[0]["toBlock"], 16) - int(params[0]["fromBlock"], 16) + 1
        if self.range_limit is not None and blocks > self.range_limit:
            return {"code": -32602, "message": f"query exceeds max block range {self.range_limit}"}
        return None

    async def _without_newest(self, call: dict[str, Any], result: Any, request: httpx.Request) -> Any:
        method = call["method"]
        if method == "eth_getBlockByNumber" and call["params"][0] == "finalized":
            return result
        if method == "eth_blockNumber":
            return hex(int(result, 16) - self.lag)
        body = {"jsonrpc": "2.0", "id": 0, "method": "eth_blockNumber", "params": []}
        head = httpx.Request("POST", request.url, json=body)
        known = int(json.loads(await self._forward(head))["result"], 16) - self.lag
        if method == "eth_getLogs":
            return [log for log in result if int(log["blockNumber"], 16) <= known]
        if isinstance(result, dict) and int(result.get("number") or result.get("blockNumber") or "0x0", 16) > known:
            return None
        return result
