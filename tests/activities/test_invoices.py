"""A quote's invoice for another network or amount, or an expired one, never reaches a payer."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import pytest
from temporalio.client import Client
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

from activities.onramp import OnrampActivities
from activities.support.account_clients import AccountClients
from activities.support.hold_gate import HoldGate
from activities.support.invoices import check_invoice
from activities.support.watch_start import WatchStarter
from activities.swap import SwapActivities
from baton.accounts.route_book import RouteBook
from baton.encoding import bech32
from baton.holds.models import HoldsState
from baton.ledger.ledger import Ledger
from baton.local.sandbox.engine import world
from baton.local.sandbox.engine.addresses import new_invoice
from baton.orchestra.models import Quote, QuoteRequest
from baton.orchestra.onramp_models import OnrampRequest
from baton.orders.messages import OnrampAnswer, RequestOnramp, RequestQuote
from baton.ownership.claims import Claims
from baton.settings import PartnerAccount
from tests.activities.order_read import account_at
from tests.end_to_end.world import SPARK
from tests.sandbox_server import running_sandbox

ORCHESTRA = PartnerAccount(name="default", base_url="https://orchestra.example")
SANDBOX = PartnerAccount(name="default", base_url="http://127.0.0.1:8090")
SATS = 25_000
MINUTES = timedelta(minutes=2)


def invoice(sats: int = SATS, *, lives: timedelta = MINUTES, network: str = "bc") -> str:
    now = datetime.now(UTC)
    decoded = bech32.decode(new_invoice(sats, now - MINUTES, now + lives))
    assert decoded is not None
    return bech32.encode(decoded.prefix.replace("lnbc", f"ln{network}"), decoded.words, bech32.BECH32)


def quote(deposit_address: str, **fields: Any) -> Quote:
    expires_at = datetime.now(UTC) + MINUTES
    return Quote(quote_id="q_1", deposit_address=deposit_address, amount_in=SATS, expires_at=expires_at, **fields)


def refusal_of(deposit_address: str, account: PartnerAccount = ORCHESTRA, **fields: Any) -> ApplicationError:
    with pytest.raises(ApplicationError) as refused:
        check_invoice(account, quote(deposit_address, **fields))
    assert refused.value.non_retryable
    return refused.value


@pytest.mark.parametrize("account", [ORCHESTRA, SANDBOX], ids=["orchestra", "sandbox"])
def test_the_invoice_of_the_quote_passes(account: PartnerAccount) -> None:
    check_invoice(account, quote(invoice()))


@pytest.mark.parametrize("sats", [SATS - 1, SATS + 1, SATS * 1000])
def test_an_invoice_for_another_amount_is_refused(sats: int) -> None:
    refusal = refusal_of(invoice(sats), SANDBOX)
    assert (refusal.type, refusal.details[0].ask_anew) == ("invoice_mismatch", False)
    assert f"asks for {sats}000 thousandths of a sat, but the quote for {SATS} sats" in refusal.message


def test_an_exact_out_invoice_may_ask_for_all_that_the_quote_accepts() -> None:
    bounds = {"required_amount_in": SATS, "max_accepted_amount_in": SATS + 5}
    check_invoice(ORCHESTRA, quote(invoice(SATS + 5), **bounds))
    assert "for 25000 to 25005 sats" in refusal_of(invoice(SATS + 6), **bounds).message


@pytest.mark.parametrize(("network", "name"), [("tb", "testnet"), ("tbs", "signet"), ("bcrt", "regtest")])
def test_an_invoice_of_a_test_network_passes_at_a_sandbox_only(network: str, name: str) -> None:
    check_invoice(SANDBOX, quote(invoice(network=network)))
    refusal = refusal_of(invoice(network=network))
    assert (refusal.type, refusal.details[0].ask_anew) == ("invoice_mismatch", False)
    assert f"for the network {name}" in refusal.message


def test_an_expired_invoice_is_refused_and_allows_another_quote() -> None:
    refusal = refusal_of(invoice(lives=timedelta(seconds=-1)))
    assert (refusal.type, refusal.details[0].ask_anew) == ("invoice_expired", True)
    assert "the invoice expired at " in refusal.message


@pytest.mark.parametrize("text", ["lnbc1000n1pj...", "lnbc250u1p" + "q" * 180])
def test_an_invoice_that_no_wallet_can_read_passes(text: str) -> None:
    check_invoice(ORCHESTRA, quote(text))


@dataclass
class QuoteDesk:
    """Both activities that ask for an invoice, beside a sandbox."""

    onramps: OnrampActivities
    swaps: SwapActivities
    ledger: Ledger

    async def onramp(self) -> OnrampAnswer:
        request = OnrampRequest(
            destination_chain="spark", destination_asset="USDB", recipient_address=SPARK, amount=SATS
        )
        call = RequestOnramp(account="default", workflow_id="order/default/a", key="onramp", request=request)
        return await ActivityEnvironment().run(self.onramps.request_onramp, call)

    async def swap(self) -> Quote:
        request = QuoteRequest(
            source_chain="lightning",
            source_asset="BTC",
            destination_chain="spark",
            destination_asset="USDB",
            amount=SATS,
            recipient_address=SPARK,
        )
        call = RequestQuote(account="default", workflow_id="order/default/a", key="quote", request=request)
        return await ActivityEnvironment().run(self.swaps.request_quote, call)


@asynccontextmanager
async def a_desk(folder: Path) -> AsyncIterator[QuoteDesk]:
    async with (
        running_sandbox() as (base_url, _),
        await Ledger.open(f"sqlite:///{folder / 'ledger.db'}") as ledger,
        AccountClients(accounts := {"default": account_at(base_url)}) as clients,
    ):
        book = RouteBook(accounts)
        temporal = cast(Client, None)
        starter, claims = WatchStarter(temporal, ledger, chains=()), Claims(temporal, ledger)
        onramps = OnrampActivities(clients, ledger, claims, book, HoldGate(HoldsState()))
        yield QuoteDesk(onramps, SwapActivities(clients, ledger, claims, book, starter, HoldGate(HoldsState())), ledger)


ASKING = pytest.mark.parametrize("ask", [QuoteDesk.onramp, QuoteDesk.swap], ids=["onramp", "swap"])


@ASKING
async def test_an_invoice_of_the_sandbox_passes(tmp_path: Path, ask: Callable[[QuoteDesk], Awaitable[object]]) -> None:
    async with a_desk(tmp_path) as desk:
        assert await ask(desk)


@ASKING
async def test_an_activity_refuses_the_invoice_before_it_is_shown(
    tmp_path: Path, ask: Callable[[QuoteDesk], Awaitable[object]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(world, "new_invoice", lambda sats, *times: new_invoice(sats + 1, *times))
    async with a_desk(tmp_path) as desk:
        with pytest.raises(ApplicationError) as refused:
            await ask(desk)
        assert refused.value.type == "invoice_mismatch"
        assert not await desk.ledger.quotes_of("order/default/a")
