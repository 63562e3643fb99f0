"""The part of Esplora's HTTP API that deposit readers and a wallet's full scan use, over a real bitcoind.

A wallet library's Esplora client reads a balance through it; see `test_esplora_facade.py`.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from baton.process.http_server import address_of, listen, serving
from tests.local.nodes.bitcoind import BitcoindDriver
from tests.local.nodes.chain_index import Block, ChainIndex, Json, scripthash_of

PAGE = 25
MEMPOOL_CAP = 50
_BLOCKS = 10


class _Facade:
    def __init__(self, node: BitcoindDriver) -> None:
        self._node = node
        self._index = ChainIndex(node)

    async def tip_height(self, _: Request) -> Response:
        return PlainTextResponse(str(len(await self._blocks()) - 1))

    async def tip_hash(self, _: Request) -> Response:
        return PlainTextResponse((await self._blocks())[-1].header["hash"])

    async def block_hash(self, request: Request) -> Response:
        blocks, height = await self._blocks(), request.path_params["height"]
        if height >= len(blocks):
            raise HTTPException(404, "Block not found")
        return PlainTextResponse(blocks[height].header["hash"])

    async def blocks(self, request: Request) -> Response:
        blocks = await self._blocks()
        newest = request.path_params.get("height", len(blocks) - 1)
        return JSONResponse([_summary(block) for block in reversed(blocks[max(newest - _BLOCKS + 1, 0) : newest + 1])])

    async def transaction(self, request: Request) -> Response:
        await self._index.follow()
        transaction = await self._index.transaction(request.path_params["txid"])
        if transaction is None:
            raise HTTPException(404, "Transaction not found")
        return JSONResponse(transaction)

    async def mempool(self, request: Request) -> Response:
        await self._index.follow()
        return JSONResponse((await self._index.mempool(await self._scripthash(request)))[:MEMPOOL_CAP])

    async def chain(self, request: Request) -> Response:
        return JSONResponse(await self._page(request))

    async def both(self, request: Request) -> Response:
        page = await self._page(request)
        pool = await self._index.mempool(await self._scripthash(request))
        return JSONResponse(pool[:MEMPOOL_CAP] + page)

    async def _page(self, request: Request) -> list[Json]:
        await self._index.follow()
        confirmed = self._index.confirmed(await self._scripthash(request))
        last = request.path_params.get("last")
        if last:
            ids = [transaction["txid"] for transaction in confirmed]
            confirmed = confirmed[ids.index(last) + 1 :] if last in ids else []
        return confirmed[:PAGE]

    async def _scripthash(self, request: Request) -> str:
        if "scripthash" in request.path_params:
            scripthash: str = request.path_params["scripthash"]
            return scripthash
        address = await self._node.rpc("validateaddress", request.path_params["address"])
        if not address["isvalid"]:
            raise HTTPException(400, "Invalid Bitcoin address")
        return scripthash_of(address["scriptPubKey"])

    async def _blocks(self) -> list[Block]:
        await self._index.follow()
        return self._index.blocks

    def routes(self) -> list[Route]:
        history = [
            Route(f"/{of}/txs{path}", endpoint)
            for of in ("address/{address}", "scripthash/{scripthash}")
            for path, endpoint in (
                ("", self.both),
                ("/mempool", self.mempool),
                ("/chain", self.chain),
                ("/chain/{last}", self.chain),
            )
        ]
        return [
            Route("/blocks/tip/height", self.tip_height),
            Route("/blocks/tip/hash", self.tip_hash),
            Route("/block-height/{height:int}", self.block_hash),
            Route("/blocks", self.blocks),
            Route("/blocks/{height:int}", self.blocks),
            Route("/tx/{txid}", self.transaction),
            *history,
        ]


def _summary(block: Block) -> Json:
    header = block.header
    return {
        "id": header["hash"],
        "height": header["height"],
        "version": header["version"],
        "timestamp": header["time"],
        "tx_count": len(block.transactions),
        "size": header["size"],
        "weight": header["weight"],
        "merkle_root": header["merkleroot"],
        "previousblockhash": header.get("previousblockhash"),
        "mediantime": header["mediantime"],
        "nonce": header["nonce"],
        "bits": int(header["bits"], 16),
        "difficulty": float(header["difficulty"]),
    }


@asynccontextmanager
async def running_esplora(node: BitcoindDriver) -> AsyncIterator[str]:
    """Serve the API on a free port; yield its base URL."""
    with closing(listen("127.0.0.1", 0)) as listener:
        async with serving(Starlette(routes=_Facade(node).routes()), listener, grace=2.0):
            yield address_of(listener)
