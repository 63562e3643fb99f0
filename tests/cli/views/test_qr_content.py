"""What an order's QR code holds, and when it has none. Pure."""

from datetime import timedelta
from typing import Any

import pytest

from baton.chains.catalogue import load_chains
from baton.cli.views.qr_content import NoCode, qr_content
from baton.orchestra.rules.routes import RouteCatalogue, RouteList
from baton.orders.answers import Snapshot
from baton.orders.models import Outcome, Phase
from baton.orders.observation import Transition
from baton.orders.payment_content import SourceAsset, find_asset
from baton.orders.snapshot import snapshot_of
from baton.orders.state import OrderState, PaymentPage
from tests.orders.states import NOON, known_deposit, order, quote, refused, state, tracked

CHAINS = load_chains()
NOW = NOON + timedelta(seconds=30)
EVM = "0x52908400098527886E0F7030069857D2E4169EE7"
USDC_ON_BASE = "0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913"
USDC_ON_SOLANA = "EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v"
DAI_ON_BASE = "0x50c5725949A6F0c72E6C4a641F24049A917DB0Cb"
INVOICE = "lnbc100u1p" + "x" * 200
DEEPLINK = f"https://cash.app/launch/lightning/{INVOICE}"


def waits(of: OrderState | None = None, **fields: Any) -> Snapshot:
    defaults = {"source_chain": "base", "source_asset": "USDC", "deposit_address": EVM, "amount_in": 100_000_000}
    return snapshot_of(order(), of or state()).model_copy(update={**defaults, **fields})


def onramp(of: OrderState | None = None, page: PaymentPage | None = None, **fields: Any) -> Snapshot:
    page = page or PaymentPage(order_id="ord_1", deeplink=DEEPLINK, short_url="https://orchestra.example/pay/a3xKm2Rq")
    paid_in = {"source_chain": "lightning", "source_asset": "BTC", "deposit_address": INVOICE, "amount_in": 25_842}
    snapshot = snapshot_of(order(), (of or tracked("processing")).model_copy(update={"page": page}))
    return snapshot.model_copy(update={"kind": "onramp", "page": page, **paid_in, **fields})


def asset(chain: str, symbol: str) -> SourceAsset | None:
    return find_asset(chain, symbol, CHAINS, None)


@pytest.mark.parametrize(
    ("chain", "symbol", "address", "content"),
    [
        ("base", "USDC", EVM, f"ethereum:{USDC_ON_BASE}@8453/transfer?address={EVM}&uint256=100000000"),
        ("base", "ETH", EVM, f"ethereum:{EVM}@8453?value=100000000"),
        ("solana", "USDC", "So1ana", f"solana:So1ana?amount=100&spl-token={USDC_ON_SOLANA}"),
        ("bitcoin", "BTC", "bc1qaddress", "bitcoin:bc1qaddress?amount=1"),
        ("lightning", "BTC", INVOICE, f"LIGHTNING:{INVOICE.upper()}"),
        ("spark", "BTC", "spark1address", "spark1address"),
        ("tron", "USDT", "TAddress", "TAddress"),
        ("base", "PEPE", EVM, EVM),
        ("a-new-chain", "COIN", "anywhere", "anywhere"),
    ],
)
def test_a_swap_code_holds_a_payment_uri_or_the_bare_address(
    chain: str, symbol: str, address: str, content: str
) -> None:
    snapshot = waits(source_chain=chain, source_asset=symbol, deposit_address=address)
    assert qr_content(snapshot, asset(chain, symbol), NOW) == content


def test_an_onramp_code_holds_the_deeplink_not_the_invoice() -> None:
    assert qr_content(onramp(), asset("lightning", "BTC"), NOW) == DEEPLINK


def test_an_invoice_issued_after_a_review_has_a_code() -> None:
    snapshot = onramp(tracked("processing", quotes=[]), expires_at=None)
    assert qr_content(snapshot, None, NOW) == DEEPLINK


SIDE = {"chain": "base", "asset": "DAI", "decimals": 18, "contractAddress": DAI_ON_BASE, "chainId": "8453"}
PAIR = {"sourceChain": "base", "sourceAsset": "DAI", "destinationChain": "spark", "destinationAsset": "BTC"}
LISTS = {
    "pairs": RouteList.model_validate({"routes": [{**PAIR, "source": SIDE}]}),
    "assets": RouteCatalogue.model_validate({"assets": [{**SIDE, "id": "base:DAI"}]}),
}


@pytest.mark.parametrize("routes", LISTS.values(), ids=LISTS)
def test_an_asset_missing_in_the_catalogue_comes_from_the_routes(routes: RouteList | RouteCatalogue) -> None:
    assert find_asset("base", "DAI", CHAINS, routes) == (DAI_ON_BASE, 18, "8453")
    assert find_asset("base", "WETH", CHAINS, routes) is None


@pytest.mark.parametrize("wrong", [{"contractAddress": DAI_ON_BASE}, {"decimals": 18}])
def test_an_asset_on_which_catalogue_and_routes_disagree_is_unknown(wrong: dict[str, Any]) -> None:
    usdc = {**SIDE, "id": "base:USDC", "asset": "USDC", "decimals": 6, "contractAddress": USDC_ON_BASE.lower()}
    same = RouteCatalogue.model_validate({"assets": [usdc]})
    other = RouteCatalogue.model_validate({"assets": [{**usdc, **wrong}]})

    assert find_asset("base", "USDC", CHAINS, same) == asset("base", "USDC")
    assert find_asset("base", "USDC", CHAINS, other) is None


def test_a_route_token_without_contract_is_not_the_chains_coin() -> None:
    routes = RouteCatalogue.model_validate({"assets": [{**SIDE, "id": "base:DAI", "contractAddress": None}]})
    assert find_asset("base", "DAI", CHAINS, routes) is None


CLOSED = {"phase": Phase.CLOSED, "outcome": Outcome.COMPLETED, "waiting_for": None}
HELD = PaymentPage(order_id="ord_1")
NO_CODE = {
    "closed": (waits(**CLOSED), "the order is closed as completed"),
    "closed onramp": (onramp(**CLOSED), "the order is closed as completed"),
    "quoting": (waits(state(Phase.QUOTING)), "no quote yet"),
    "submitted": (
        waits(state(Phase.SUBMITTING, deposits=[known_deposit()], submit_started_at=NOON)),
        "a deposit is known",
    ),
    "reported": (waits(state(deposits=[known_deposit()])), "a deposit is known"),
    "refused": (waits(state(deposits=[refused()])), "a deposit is known"),
    "seen by Orchestra": (waits(tracked("confirming")), "a deposit is known"),
    "late": (waits(tracked("unfulfilled", deposits=[known_deposit()])), "a deposit is known"),
    "paid onramp": (onramp(tracked("confirming")), "a deposit is known"),
    "held onramp": (onramp(tracked("processing", quotes=[]), page=HELD), "there is no invoice yet"),
    "overdue invoice": (onramp(expires_at=NOW), "the invoice expired at 2026-02-01 12:00:30 UTC"),
    "overdue lightning": (
        waits(source_chain="lightning", source_asset="BTC", deposit_address=INVOICE, expires_at=NOW),
        "the invoice expired",
    ),
    "memo": (waits(source_chain="xrpl", source_asset="XRP", deposit_memo="4711"), "needs a memo"),
}


@pytest.mark.parametrize(("snapshot", "reason"), NO_CODE.values(), ids=NO_CODE)
def test_an_order_with_nothing_to_pay_has_no_code_and_a_reason(snapshot: Snapshot, reason: str) -> None:
    with pytest.raises(NoCode, match=reason) as refused:
        qr_content(snapshot, None, NOW)
    assert "\n" not in str(refused.value)


def test_an_expired_quote_on_a_chain_still_has_a_code() -> None:
    snapshot = waits(state(quotes=[quote(1)]), expires_at=NOON, transitions=[Transition(status="x")])
    assert qr_content(snapshot, None, NOW) == EVM
