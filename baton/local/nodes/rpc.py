"""JSON-RPC to a node on this machine."""

from collections.abc import Mapping
from decimal import Decimal
from itertools import count
from typing import Any

import httpx

from baton.local.nodes.node import NodeError


class RefusedCall(NodeError):
    """The node answered a call with an error."""


class Rpc:
    """One node's JSON-RPC.

    Args:
        name: What errors call the node.
        url: Its address; may hold user and password, so it is never told.
        timeout: Seconds that one call may take.
    """

    def __init__(self, name: str, url: str, *, timeout: float = 30.0) -> None:
        self.name = name
        self._url = url.rstrip("/")
        self._ids = count(1)
        # No proxy of the environment stands between two processes of one machine.
        self._http = httpx.AsyncClient(timeout=timeout, trust_env=False)

    async def call(self, method: str, *params: Any, path: str = "") -> Any:
        """Make a call and return its result; numbers with a fraction come as exact decimals.

        Raises:
            RefusedCall: It was answered with an error.
            NodeError: There was no answer, or none to build on.
        """
        body = {"jsonrpc": "2.0", "id": next(self._ids), "method": method, "params": list(params)}
        answer = await self._answer(method, body, path)
        if answer.get("error"):
            raise RefusedCall(f"{self.name} refused {method}: {_message(answer['error'])}")
        return answer.get("result")

    async def aclose(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def _answer(self, method: str, body: Mapping[str, Any], path: str) -> Mapping[str, Any]:
        try:
            answer = (await self._http.post(self._url + path, json=body)).json(parse_float=Decimal)
        except httpx.HTTPError as error:
            told = f"{self.name} did not answer {method} ({type(error).__name__}); is it running?"
        except ValueError:
            told = f"{self.name} answered {method} with something that is not JSON"
        else:
            if isinstance(answer, dict):
                return answer
            told = f"{self.name} answered {method} with something else than JSON-RPC"
        # Raised out here, so that no error in its chain quotes the URL.
        raise NodeError(told)


def _message(error: Any) -> str:
    return str(error.get("message", error) if isinstance(error, dict) else error)
