"""A shop that sells mugs for USDC: `uvicorn examples.shop.shop:app`.

It places an order for each sale, sends the payer to Baton's page, and learns from signed notifications how it ended.
`TEMPORAL_ADDRESS` names Baton's Temporal server, `BATON_URL` its gateway, `BATON_TOKEN` a token of that, and
`SHOP_SECRET` is the secret of the shop's endpoint (`whsec_...`).
"""

import os
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
from fastapi import FastAPI, HTTPException, Request
from fastapi.responses import RedirectResponse
from pydantic import BaseModel, Field
from standardwebhooks import Webhook, WebhookVerificationError

from baton import BatonClient, OrderRefused, Placement
from examples.shop.sales import MugSale, Sales

SPARK_ADDRESS = "spark1pgssy7d7vel0nh9m4326qc54e6rskpczn07dktww9rv4nu5ptvt0s9uc489gg2"
STATES = {"completed": "paid", "refunded": "unpaid", "expired": "unpaid", "cancelled": "unpaid"}
"""What an order's outcome means for the sale; any other one is a question for a person."""


class Cart(BaseModel):
    """What somebody buys."""

    item: str = "mug"
    usdc: int = Field(default=25, ge=1, le=10_000)


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Open what the shop works with, once for the whole process."""
    app.state.baton = await BatonClient.connect()
    app.state.sales = Sales(Path(os.environ.get("SHOP_DATABASE", "shop.db")))
    app.state.webhook = Webhook(os.environ["SHOP_SECRET"])
    yield


app = FastAPI(title="Mugs", lifespan=lifespan)


@app.post("/sales")
async def sell(request: Request, cart: Cart) -> RedirectResponse:
    """Sell a mug: place the order, and send the payer to the sale's page."""
    sale_id = f"mug-{secrets.token_hex(6)}"
    # First the shop's own record: whatever becomes of the call, the order is found by this reference.
    request.app.state.sales.add(sale_id, cart.item)
    try:
        placed = await request.app.state.baton.place(order_of(sale_id, cart.usdc))
    except OrderRefused as refusal:
        raise HTTPException(422, str(refusal)) from None
    request.app.state.sales.show_payer(sale_id, instruction_of(placed), await page_of(sale_id))
    return RedirectResponse(f"/sales/{sale_id}", status_code=303)


def order_of(sale_id: str, usdc: int) -> dict[str, str]:
    """Return the order of a sale; USDC has six decimals."""
    return {
        "reference": sale_id,
        "sourceChain": "base",
        "sourceAsset": "USDC",
        "destinationChain": "spark",
        "destinationAsset": "BTC",
        "amount": str(usdc * 10**6),
        "recipientAddress": SPARK_ADDRESS,
    }


def instruction_of(placed: Placement) -> str:
    """Return what the payer has to do, in a sentence."""
    asked = placed.amounts.in_
    amount = asked.display or f"{asked.amount} smallest units of" if asked else "the agreed amount of"
    return f"Pay {amount} {placed.source_asset} on {placed.source_chain} to {placed.deposit_address}"


async def page_of(sale_id: str) -> str | None:
    """Return the link to Baton's page for this payer, if the gateway has such pages: only it has their key."""
    url, token = os.environ["BATON_URL"], os.environ["BATON_TOKEN"]
    async with httpx.AsyncClient(base_url=url, headers={"Authorization": f"Bearer {token}"}) as gateway:
        found = (await gateway.get(f"/v1/orders/{sale_id}")).raise_for_status().json()
    return str(found["payer_page"]) if found.get("payer_page") else None


@app.get("/sales/{sale_id}")
async def show(request: Request, sale_id: str) -> dict[str, Any]:
    """Return a sale as the shop knows it; no call of Baton is needed."""
    sale: MugSale | None = request.app.state.sales.find(sale_id)
    if sale is None:
        raise HTTPException(404, "there is no such sale")
    return sale._asdict()


@app.post("/notifications", status_code=204)
async def notified(request: Request) -> None:
    """Take a notification of Baton; an answer other than 2xx makes Baton send it again."""
    try:
        event = request.app.state.webhook.verify(await request.body(), dict(request.headers))
    except WebhookVerificationError as error:
        raise HTTPException(401, str(error)) from None
    state, note = meaning_of(event)
    request.app.state.sales.handle(event["id"], event["reference"], state, note)


def meaning_of(event: dict[str, Any]) -> tuple[str | None, str]:
    """Return the sale's new state and a note; None where the event changes nothing."""
    if event["type"] == "order.closed":
        outcome = event["data"]["outcome"]
        return STATES.get(outcome, "question"), outcome
    if event["type"] == "order.attention_raised":
        return "question", event["data"]["attentions"][-1]["message"]
    return None, ""
