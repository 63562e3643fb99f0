"""Scans of a real EVM node in tests: watched addresses, a chain of the node's kind, and scans up to the head."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

from baton.chains.deposits import Deposit, Scan, Watch
from baton.chains.evm.reader import EvmReader
from baton.chains.http import Provider
from baton.chains.spec import ChainSpec, Family, Token
from baton.encoding.addresses import checksummed
from tests.local.nodes.anvil import AnvilDriver

ETHER = 10**18
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def address(number: int) -> str:
    return checksummed(f"0x{0xBA70_0000_0000 + number:040x}")


A, B = address(1), address(2)


def watch(*addresses: str, since: datetime = LONG_AGO) -> list[Watch]:
    return [Watch(address=address, since=since) for address in addresses]


def spec(**changes: Any) -> ChainSpec:
    fields = {
        "name": "anvil", "family": Family.EVM, "chain_id": 31337, "native": "ETH", "native_decimals": 18,
        "watch_native": False, "confirmations": 2, "block_seconds": 1, "span": 1000,
    }  # fmt: skip
    return ChainSpec.model_validate({**fields, **changes})


@asynccontextmanager
async def evm_reader(anvil: AnvilDriver, **changes: Any) -> AsyncIterator[tuple[EvmReader, Provider]]:
    calls = changes.pop("calls_per_scan", 200)
    provider = Provider(anvil.url)
    reader = EvmReader(spec(**changes), provider, calls_per_scan=calls)
    try:
        yield reader, provider
    finally:
        await reader.aclose()


def known(token: str) -> dict[str, Token]:
    return {"USDC": Token(contract=checksummed(token), decimals=6)}


async def scanned(reader: EvmReader, watches: list[Watch], cursor: str | None = None) -> Scan:
    """Scan up to the head, and return all deposits that were reported on the way."""
    deposits: dict[tuple[str, str, str], Deposit] = {}
    for _ in range(200):
        scan = await reader.scan(watches, cursor)
        deposits |= {deposit.key: deposit for deposit in scan.deposits}
        cursor = scan.cursor
        if scan.caught_up:
            return scan._replace(deposits=list(deposits.values()))
    raise AssertionError("the reader does not reach the head")


def amounts(scan: Scan) -> list[int]:
    return [deposit.amount for deposit in scan.deposits]
