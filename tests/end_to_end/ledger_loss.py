"""The loss of a ledger's file, and what shows that it is whole again."""

import json
import sqlite3
import time
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from baton.orchestra.webhooks import signed_headers
from baton.orders.answers import Placement
from tests.end_to_end.world import SECRET, World
from tests.eventually import eventually
from tests.http import http_client


def lose(file: Path) -> None:
    """Delete the ledger's file under the running processes."""
    for suffix in ("", "-wal", "-shm"):
        file.with_name(file.name + suffix).unlink(missing_ok=True)


def copy_ledger(file: Path, copy: Path) -> None:
    """Copy the ledger while processes use it."""
    with closing(sqlite3.connect(file)) as source, closing(sqlite3.connect(copy)) as target:
        source.backup(target)


async def lookups(world: World, placed: Placement) -> list[str | None]:
    """Return the workflows that the ledger names for the order's quote, its address, and its Orchestra order."""
    order = await world.snapshot(placed)
    find = world.ledger.find_workflow
    found = [
        await find(placed.account, quote_id=placed.quote_id),
        await find(placed.account, deposit_address=placed.deposit_address, source_chain=placed.source_chain),
    ]
    return [*found, await find(placed.account, order_id=order.order_id)] if order.order_id else found


async def post_status(world: World, order_id: str, status: str, **fields: Any) -> tuple[int, str | None]:
    """Deliver a webhook without a quote id; return the response's status, and the code of its error."""
    now = datetime.now(UTC).isoformat()
    data = {"id": order_id, "type": "order", "status": status, "quoteId": None, "updatedAt": now, **fields}
    body = json.dumps({"event": f"order.{status}", "timestamp": now, "data": data}).encode()
    headers = {**signed_headers(SECRET, int(time.time() * 1000), body), "Content-Type": "application/json"}
    async with http_client() as http:
        answer = await http.post(f"{world.gateway_url}/webhooks/orchestra/default", content=body, headers=headers)
    error = answer.json().get("error") if answer.content else None
    return answer.status_code, error["code"] if error else None


async def written(world: World, placed: Placement, status: str) -> None:
    """Wait until the order's row has a status; a later write would make the order known to a new ledger."""
    await eventually(
        lambda: world.ledger.order(placed.workflow_id), lambda row: row is not None and row.status == status
    )


async def refused_as_incomplete(world: World, order_id: str, status: str, **fields: Any) -> None:
    """Deliver a webhook until the new ledger's answer is that it is incomplete; every answer until then is a 503."""
    answers = list[tuple[int, str | None]]()

    async def deliver() -> bool:
        answers.append(await post_status(world, order_id, status, **fields))
        return answers[-1][1] == "ledger_incomplete"

    await eventually(deliver)
    assert {code for code, _ in answers} == {503}
