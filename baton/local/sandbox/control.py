"""A client of the sandbox's admin API, for tests and the demo.

Example:
    async with SandboxControl("http://127.0.0.1:8090") as control:
        proof = await control.deposit(quote_id)
"""

from types import TracebackType
from typing import Any, Self, cast

from baton.local.sandbox.http import local_client
from baton.local.sandbox.options import DEFAULT_PARTNER

Document = dict[str, Any]

_KEEPALIVE = 20.0
"""Seconds; the sandbox keeps idle connections for a minute. A second would be too short for a process that stalls: the
pool then gives up connections that it has just assigned to a call."""


class SandboxRefused(Exception):
    """The admin API refused a call.

    Attributes:
        code: The refusal's code.
        status: Its HTTP status.
    """

    def __init__(self, code: str, message: str, status: int) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.status = status


class SandboxControl:
    """The admin API of one sandbox.

    Args:
        base_url: The sandbox's address.
        timeout: Timeout of a call in seconds.
    """

    def __init__(self, base_url: str, *, timeout: float = 30.0) -> None:
        self.base_url = base_url.rstrip("/")
        self._client = local_client(base_url=f"{self.base_url}/sandbox", timeout=timeout, keepalive=_KEEPALIVE)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def health(self) -> Document:
        """Return the sandbox's time, the numbers of quotes and orders, and every forbidden move."""
        return await self._get("/health")

    async def deposit(
        self,
        quote_id: str | None = None,
        *,
        deposit_address: str | None = None,
        amount: int | None = None,
        detect: bool | None = None,
        visible_after: float = 0,
        scenario: str | None = None,
        **ids: Any,
    ) -> Document:
        """Pay a quote on the simulated chain.

        Args:
            quote_id: The quote; None if `deposit_address` names it.
            deposit_address: Deposit address or invoice of the quote.
            amount: Smallest units of the source asset; the quote's input when absent.
            detect: Whether Orchestra sees it without a submit; the quote's scenario decides when absent.
            visible_after: Seconds until the deposit is visible on the chain.
            scenario: What the deposit's order follows; what was chosen earlier when absent.
            **ids: Ids to use instead of made-up ones: `txHash`, `sparkTxHash`, `bitcoinTxid`, `bitcoinVout`,
                `sourceAddress`; for a reusable address also its `chain` and the `asset`.

        Returns:
            The proof, with the fields that `/submit` needs for the source chain.
        """
        body = {"quoteId": quote_id, "depositAddress": deposit_address, "amount": amount, "detect": detect}
        fields = _present({**body, "scenario": scenario, **ids})
        return await self._post("/deposits", {**fields, "visibleAfter": visible_after})

    async def advance(self, order_or_quote_id: str, status: str | None = None, **fields: Any) -> Document:
        """Move an order now: to `status`, or to the next step of its script. `fields` are set in its record."""
        body = _present({"status": status, "fields": fields})
        return await self._post(f"/orders/{order_or_quote_id}/advance", body)

    async def set_scenario(self, scenario: str, quote_id: str | None = None, *, recipient: str | None = None) -> None:
        """Set the scenario of one quote, of new quotes for one recipient, or of all new quotes."""
        path = "/scenario" if quote_id is None else f"/quotes/{quote_id}/scenario"
        await self._post(path, _present({"scenario": scenario, "recipientAddress": recipient}))

    async def set_next_scenario(self, scenario: str | None, recipient: str) -> None:
        """Set the scenario of a recipient's next quote alone; None takes an earlier choice back."""
        choice = {"scenario": scenario, "recipientAddress": recipient, "once": True}
        await self._post("/scenario", _present(choice))

    async def expire(self, quote_id: str) -> None:
        """Let a quote expire now."""
        await self._post(f"/quotes/{quote_id}/expire", {})

    async def fault(self, endpoint: str, kind: str, **details: Any) -> str:
        """Add a fault of API calls and return its id; `details` as in `FaultSpec`, in camelCase."""
        return str((await self._post("/faults", {"endpoint": endpoint, "kind": kind, **details}))["id"])

    async def faults(self) -> list[Document]:
        """Return every fault of API calls, with its number of hits."""
        return _list(await self._get("/faults"), "faults")

    async def release(self, fault_id: str) -> None:
        """End a fault and send every answer that it withholds."""
        await self._post(f"/faults/{fault_id}/release", {})

    async def remove_fault(self, fault_id: str) -> None:
        """End a fault and delete it."""
        await self._call("DELETE", f"/faults/{fault_id}")

    async def webhook_fault(self, kind: str, **details: Any) -> str:
        """Add a fault of webhooks and return its id; `details` as in `WebhookFaultSpec`, in camelCase."""
        return str((await self._post("/webhooks/faults", {"kind": kind, **details}))["id"])

    async def webhook_faults(self) -> list[Document]:
        """Return every fault of webhooks, with its number of hits."""
        return _list(await self._get("/webhooks/faults"), "faults")

    async def remove_webhook_fault(self, fault_id: str) -> None:
        """End a fault of webhooks and delete it."""
        await self._call("DELETE", f"/webhooks/faults/{fault_id}")

    async def hold_webhooks(self, **details: Any) -> str:
        """Hold every webhook back until `release_webhooks`."""
        return await self.webhook_fault("hold", **details)

    async def release_webhooks(self, order: str = "as_is", *, copies: int = 1, seed: int = 0) -> int:
        """Send the held webhooks one after the other, and stop holding new ones.

        Args:
            order: `as_is`, `reversed` or `shuffled`.
            copies: How many times each is sent.
            seed: Makes a shuffle repeatable.

        Returns:
            The number of deliveries sent.
        """
        reply = await self._post("/webhooks/release", {"order": order, "copies": copies, "seed": seed})
        return int(reply["sent"])

    async def advance_clock(self, seconds: float) -> None:
        """Move the sandbox's time forward."""
        await self._post("/clock", {"advance": seconds})

    async def accept_keys(self, *keys: str, partner: str = DEFAULT_PARTNER) -> None:
        """Accept these API keys, all of one partner, and no others."""
        await self._post("/keys", {"accepted": dict.fromkeys(keys, partner)})

    async def foreign_order(self, kind: str, **details: Any) -> Document:
        """Make and pay an order that the caller did not quote, and return it.

        Args:
            kind: `accumulation`, `liquidation`, `pay_link` or `elsewhere`.
            **details: As in `ForeignOrderRequest`, in camelCase: `partner`, `scenario`, `amount`, `addressId`,
                `label`, `request`.
        """
        return await self._post("/foreign-orders", {"kind": kind, **details})

    async def visit(self, short_url: str) -> str:
        """Follow a short link as a payer does, and return the invoice that the payment app would open.

        Raises:
            SandboxRefused: The link leads nowhere, for instance because it was disabled.
        """
        response = await self._client.get(short_url, follow_redirects=False)
        if response.is_error:
            error = response.json()["error"]
            raise SandboxRefused(error["code"], error["message"], response.status_code)
        return response.headers["Location"].rpartition("/")[2]

    async def set_spot(self, *, available: bool) -> None:
        """Set whether the spot price of bitcoin, which onramps in dollars need, is available."""
        await self._post("/market", {"spotAvailable": available})

    async def set_prices(self, **micro_dollars: int) -> None:
        """Set prices, in millionths of a dollar for one whole asset."""
        await self._post("/market", {"prices": micro_dollars})

    async def affiliate_balances(self, affiliate_id: str, partner: str = DEFAULT_PARTNER) -> dict[str, int]:
        """Return what an affiliate has earned and not claimed, in smallest units by `chain:asset`."""
        balances = (await self._get(f"/affiliates/{partner}/{affiliate_id}"))["balances"]
        return {ledger: int(amount) for ledger, amount in balances.items()}

    async def claims(self) -> list[Document]:
        """Return every claim of an affiliate's balance."""
        return _list(await self._get("/claims"), "claims")

    async def set_claim_payouts(self, payouts: str) -> None:
        """Set what becomes of new claims: `pay`, `hold` or `fail`."""
        await self._post("/claims", {"payouts": payouts})

    async def settle_claim(self, claim_id: str, status: str = "completed") -> None:
        """End a claim now, as `completed` or `failed`."""
        await self._post(f"/claims/{claim_id}", {"status": status})

    async def requests(self, endpoint: str | None = None) -> list[Document]:
        """Return the calls of the partner API so far, of one endpoint or of all."""
        return _list(await self._get("/requests", _present({"endpoint": endpoint})), "requests")

    async def orders(self) -> list[Document]:
        """Return every order with its moves."""
        return _list(await self._get("/orders"), "orders")

    async def quotes(self) -> list[Document]:
        """Return every quote with its scenario."""
        return _list(await self._get("/quotes"), "quotes")

    async def deposits(self) -> list[Document]:
        """Return every deposit."""
        return _list(await self._get("/deposits"), "deposits")

    async def deliveries(self, order_id: str | None = None) -> list[Document]:
        """Return every webhook delivery with its attempts, of one order or of all."""
        return _list(await self._get("/deliveries", _present({"orderId": order_id})), "deliveries")

    async def scenarios(self) -> list[Document]:
        """Return every scenario."""
        return _list(await self._get("/scenarios"), "scenarios")

    async def violations(self) -> list[Document]:
        """Return every attempted move that the published table forbids."""
        return _list(await self.health(), "violations")

    async def _get(self, path: str, query: Document | None = None) -> Document:
        return await self._call("GET", path, params=query)

    async def _post(self, path: str, body: Document) -> Document:
        return await self._call("POST", path, json=body)

    async def _call(self, method: str, path: str, **details: Any) -> Document:
        response = await self._client.request(method, path, **details)
        document = response.json()
        if response.is_error:
            error = document["error"]
            raise SandboxRefused(error["code"], error["message"], response.status_code)
        return cast(Document, document)


def _present(document: Document) -> Document:
    return {name: value for name, value in document.items() if value is not None}


def _list(document: Document, name: str) -> list[Document]:
    return cast(list[Document], document[name])
