"""A process that serves Esplora's HTTP API over a bitcoind.

It is a process of its own so that its CPU time does not count as the watcher's. It reads the node's URL from the first
line of stdin, prints its own URL to stdout, and ends when its stdin closes.
"""

import asyncio
import sys
from contextlib import aclosing

from tests.local.nodes.bitcoind import BitcoindDriver
from tests.local.nodes.esplora_facade import running_esplora


async def _serve(node_url: str) -> None:
    async with aclosing(BitcoindDriver(node_url)) as node, running_esplora(node) as url:
        sys.stdout.write(f"{url}\n")
        sys.stdout.flush()
        await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(_serve(sys.stdin.readline().strip()))
