"""Order states for tests of the pure decisions."""

from datetime import UTC, datetime, timedelta
from typing import Any

from baton.orchestra.models import OrderRecord, Quote, QuoteRequest
from baton.orchestra.proofs import DepositProof
from baton.orders.known_deposits import DepositStage, KnownDeposit
from baton.orders.models import Attention, OrderPolicy, Phase
from baton.orders.observation import Observation, OrderView
from baton.orders.place_order import PlaceOrder
from baton.orders.rules.present import merge
from baton.orders.state import DepositReport, OrderState, TakenQuote

NOON = datetime(2026, 2, 1, 12, tzinfo=UTC)

REQUEST = QuoteRequest(
    source_chain="base",
    source_asset="USDC",
    destination_chain="spark",
    destination_asset="BTC",
    amount=100_000_000,
    recipient_address="spark1recipient",
)


def order(**policy: Any) -> PlaceOrder:
    return PlaceOrder(account="default", reference="invoice-42", request=REQUEST, policy=OrderPolicy(**policy))


def quote(number: int = 1, *, lives: float = 120, lightning: bool = False) -> TakenQuote:
    taken_at = NOON + timedelta(seconds=(number - 1) * lives)
    return TakenQuote(
        quote=Quote(
            quote_id=f"q_{number}",
            deposit_address=f"0xaddress{number}",
            lightning_receive_request_id="SparkLightningReceiveRequest:1" if lightning else None,
            amount_in=100_000_000,
            expires_at=taken_at + timedelta(seconds=lives),
        ),
        taken_at=taken_at,
    )


def report(tx_hash: str = "0xdeposit") -> DepositReport:
    return DepositReport(proof=DepositProof(tx_hash=tx_hash), quote_id="q_1")


def known_deposit(tx_hash: str = "0xdeposit", **fields: Any) -> KnownDeposit:
    return KnownDeposit(proof=DepositProof(tx_hash=tx_hash), quote_id="q_1", **fields)


def refused(tx_hash: str = "0xdeposit") -> KnownDeposit:
    return known_deposit(tx_hash, stage=DepositStage.REFUSED)


def attention(reason: str, message: str = "late") -> dict[str, Attention]:
    return {reason: Attention(reason=reason, message=message, since=NOON)}


def seen(status: str, second: float = 0, source: str = "webhook", order_id: str = "ord_1") -> Observation:
    at = NOON + timedelta(seconds=second)
    return Observation(source=source, record=OrderRecord(id=order_id, status=status, updated_at=at, quote_id="q_1"))


def state(phase: Phase = Phase.AWAITING_DEPOSIT, **fields: Any) -> OrderState:
    quotes = [] if phase is Phase.QUOTING else [quote()]
    return OrderState(**{"phase": phase, "opened_at": NOON, "heard_at": NOON, "quotes": quotes, **fields})


def tracked(status: str, **fields: Any) -> OrderState:
    view = merge(OrderView(), seen(status)).view
    return state(Phase.TRACKING, view=view, status_since=NOON, **fields)
