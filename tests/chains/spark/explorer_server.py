"""A fake Sparkscan, with answers as its OpenAPI description describes them."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from baton.chains.deposits import Watch
from baton.chains.http import Provider
from baton.chains.spark.reader import SparkReader
from baton.chains.spec import ChainSpec, Family, Token
from tests.encoding.spelling import spark

SINCE = datetime(2026, 11, 1, tzinfo=UTC)
KEY, OTHER_KEY = b"\x02" + b"\x11" * 32, b"\x03" + b"\x22" * 32
MINE, OTHER, PAYER = spark(key=KEY), spark(key=OTHER_KEY), spark(key=b"\x02" + b"\x33" * 32)
USDB = "btkn1xgrvjwey5ngcagvap2dzzvsy4uk8ua9x69k82dwvt5e7ef9drm9qztux87"
USDB_HEX = "3206c93b24a4d18ea19d0a9a213204af2c7e74a6d16c7535cc5d33eca4ad1eca"
SPEC = ChainSpec(
    name="spark",
    family=Family.SPARK,
    native="BTC",
    native_decimals=8,
    tokens={"USDB": Token(contract=USDB, decimals=6)},
    block_seconds=1,
)


class FakeSparkscan:
    """Sparkscan with the transactions of a test; `faults` has other answers by address or transaction id."""

    def __init__(self) -> None:
        self.listed: dict[str, list[dict[str, Any]]] = {}
        self.single: dict[str, dict[str, Any]] = {}
        self.faults: dict[str, httpx.Response | Exception] = {}
        self.requests: list[httpx.URL] = []
        self.minutes = 0

    def add(self, address: str, **fields: Any) -> str:
        """Add the newest transaction of an address; by default an incoming, confirmed transfer of sats."""
        self.minutes += 1
        number = sum(len(entries) for entries in self.listed.values()) + 1
        entry = {
            "id": f"00000000-0000-4000-8000-{number:012}",
            "type": "spark_transfer",
            "direction": "incoming",
            "counterparty": {"type": "spark", "identifier": PAYER},
            "amountSats": 1_000,
            "valueUsd": 1.0,
            "createdAt": (SINCE + timedelta(minutes=self.minutes)).isoformat(),
            "status": "confirmed",
        } | fields
        self.listed.setdefault(address, []).insert(0, entry)
        return str(entry["id"])

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request.url)
        _, _, kind, name, *_ = request.url.path.split("/")
        if (answer := self.faults.get(name)) is not None:
            if isinstance(answer, Exception):
                raise answer
            return answer
        if kind == "tx":
            found = self.single.get(name)
            return httpx.Response(200, json=found) if found else httpx.Response(404, json={"detail": "Not found"})
        entries = self.listed.get(name, [])
        limit, offset = int(request.url.params["limit"]), int(request.url.params["offset"])
        meta = {"totalItems": len(entries), "limit": limit, "offset": offset}
        return httpx.Response(200, json={"meta": meta, "data": entries[offset : offset + limit]})


def reader(explorer: FakeSparkscan, **options: Any) -> SparkReader:
    return SparkReader(SPEC, Provider("http://scan.example", transport=httpx.MockTransport(explorer)), **options)


def watch(address: str, since: datetime = SINCE) -> Watch:
    return Watch(address=address, since=since)


def token(identifier: str = USDB_HEX, address: str | None = USDB) -> dict[str, Any]:
    return {"tokenIdentifier": identifier, "tokenAddress": address, "name": "USDB", "ticker": "USDB", "decimals": 6}
