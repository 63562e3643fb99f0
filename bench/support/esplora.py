"""A process that speaks Esplora's HTTP API over a bitcoind, so that its CPU time is not taken for the watcher's.

It takes the node's URL as the first line of stdin, tells its own on stdout, and ends with its stdin.
"""

import asyncio
import sys
from contextlib import aclosing

from tests.local.nodes.bitcoind import Bitcoind
from tests.local.nodes.esplora_facade import running_esplora


async def _serve(node_url: str) -> None:
    async with aclosing(Bitcoind(node_url)) as node, running_esplora(node) as url:
        sys.stdout.write(f"{url}\n")
        sys.stdout.flush()
        await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(_serve(sys.stdin.readline().strip()))
