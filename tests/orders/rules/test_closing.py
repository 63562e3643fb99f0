"""What an operator may close by hand, and which money under way must be named."""

from datetime import UTC, datetime

import pytest
from temporalio.exceptions import ApplicationError

from baton.orchestra.models import OrderRecord
from baton.orchestra.proofs import DepositProof
from baton.orders.known_deposits import DepositStage, KnownDeposit
from baton.orders.models import CloseByHand, Outcome, Phase
from baton.orders.observation import OrderView
from baton.orders.rules.closing import apply_closing, check_close, money_under_way
from baton.orders.state import OrderState, PaymentPage

NOW = datetime(2026, 11, 29, tzinfo=UTC)


def state(status: str | None = None, *stages: DepositStage, page: PaymentPage | None = None) -> OrderState:
    record = OrderRecord(id="ord_1", status=status) if status else None
    deposits = [
        KnownDeposit(proof=DepositProof(tx_hash=f"0x{number}"), stage=stage) for number, stage in enumerate(stages)
    ]
    view = OrderView(record=record, present=status)
    return OrderState(phase=Phase.TRACKING, opened_at=NOW, heard_at=NOW, view=view, deposits=deposits, page=page)


def request(*despite: str) -> CloseByHand:
    return CloseByHand(outcome=Outcome.REFUNDED, note="sent back by hand", despite=list(despite), by="ada")


@pytest.mark.parametrize(
    ("order", "under_way"),
    [
        (state(), []),
        (state("swapping"), ["ord_1"]),
        (state("completed"), []),
        (state("expired"), []),
        (state("unfulfilled"), []),
        (state("processing", page=PaymentPage(order_id="ord_1")), []),
        (state(None, DepositStage.REPORTED), ["0x0"]),
        (state(None, DepositStage.REFUSED), []),
        (state("processing", DepositStage.ACCEPTED), ["ord_1", "0x0"]),
    ],
)
def test_money_is_under_way_until_it_has_arrived_or_gone_back(order: OrderState, under_way: list[str]) -> None:
    assert [money.id for money in money_under_way(order)] == under_way


def test_the_refusal_names_all_that_is_not_named_yet() -> None:
    order = state("processing", DepositStage.ACCEPTED)

    with pytest.raises(ApplicationError, match=r"the deposit 0x0, which is accepted; .*: 0x0") as refused:
        check_close(order, request("ord_1"))

    assert refused.value.type == "money_under_way"
    check_close(order, request("ord_1", "0x0"))


def test_closing_resolves_every_attention_and_notes_who_and_why() -> None:
    order = state()

    apply_closing(order, request(), NOW)

    assert order.close_as is Outcome.REFUNDED
    assert [(done.reason, done.note, done.by) for done in order.resolutions] == [(None, "sent back by hand", "ada")]


def test_money_that_came_meanwhile_keeps_the_order_open() -> None:
    order = state(None, DepositStage.SEEN)

    apply_closing(order, request(), NOW)

    assert (order.close_as, order.resolutions) == (None, [])
