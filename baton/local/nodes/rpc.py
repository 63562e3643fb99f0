"""JSON-RPC to a node on this machine."""

from collections.abc import Mapping
from decimal import Decimal
from itertools import count
from typing import Any

import httpx

from baton.bounded_http import certificates
from baton.local.nodes.local_node import NodeError


class RefusedCall(NodeError):
    """The node answered a call with an error."""


class Rpc:
    """One node's JSON-RPC.

    Args:
        name: What errors call the node.
        url: Its address; may contain user and password, so no error quotes it.
        timeout: Seconds that one call may take.
    """

    def __init__(self, name: str, url: str, *, timeout: float = 30.0) -> None:
        self.name = name
        self._url = url.rstrip("/")
        self._ids = count(1)
        # A proxy that the environment names must not stand between two processes of one machine.
        self._http = httpx.AsyncClient(verify=certificates(), timeout=timeout, trust_env=False)

    async def call(self, method: str, *params: Any, path: str = "") -> Any:
        """Make a call and return its result; numbers with a fraction are exact decimals.

        Raises:
            RefusedCall: The node answered with an error.
            NodeError: The node did not answer, or its answer is no JSON-RPC.
        """
        body = {"jsonrpc": "2.0", "id": next(self._ids), "method": method, "params": list(params)}
        reply = await self._post(method, body, path)
        if reply.get("error"):
            raise RefusedCall(f"{self.name} refused {method}: {_message(reply['error'])}")
        return reply.get("result")

    async def aclose(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def _post(self, method: str, body: Mapping[str, Any], path: str) -> Mapping[str, Any]:
        try:
            reply = (await self._http.post(self._url + path, json=body)).json(parse_float=Decimal)
        except httpx.HTTPError as error:
            reason = f"{self.name} did not answer {method} ({type(error).__name__}); is it running?"
        except ValueError:
            reason = f"{self.name} answered {method} with something that is not JSON"
        else:
            if isinstance(reply, dict):
                return reply
            reason = f"{self.name} answered {method} with something other than JSON-RPC"
        # Raised outside the handler, so that no error in its chain quotes the URL.
        raise NodeError(reason)


def _message(error: Any) -> str:
    return str(error.get("message", error) if isinstance(error, dict) else error)
