"""What operators do on the page: over the same functions as the API, with the token's name and the note."""

from datetime import UTC, datetime

import httpx
import pytest

from baton.errors import OrderRefused
from baton.orders.after_close import raise_after_close
from baton.orders.models import Outcome
from baton.orders.rules.attention import attention_of
from tests.end_to_end.test_zeroconf import offered
from tests.end_to_end.world import World
from tests.eventually import eventually
from tests.gateway.ops.conftest import Desk
from tests.gateway.ops.operators import OperatorBrowser, text_of
from tests.gateway.ops.test_pages import completed, in_the_ledger, with_two_deposits


async def test_an_attention_is_resolved_from_the_inbox(ada: OperatorBrowser, world: World) -> None:
    placed = await with_two_deposits(world)
    path = f"/ops/orders/default/{placed.reference}/acts/resolve"
    inbox = "/ops?reason=second_deposit"
    done = await ada.send(inbox, path, reason="second_deposit", note="asked Orchestra to return it", back=inbox)
    assert done.headers["location"] == f"{inbox}&done=resolve"
    order = await world.snapshot(placed)
    assert order.attentions == []
    assert [(line.by, line.note) for line in order.resolutions] == [("ada", "asked Orchestra to return it")]
    await in_the_ledger(world, placed, attention=None)
    assert placed.reference not in await ada.read(inbox)
    page = await ada.read(f"/ops/orders/default/{placed.reference}")
    assert "resolved: second deposit ada asked Orchestra to return it" in page


async def test_the_attention_of_an_ended_order_is_resolved(ada: OperatorBrowser, world: World) -> None:
    placed = await completed(world)
    late = attention_of("late_deposit", "5 USDC came after the end", datetime.now(UTC))
    await raise_after_close(world.environment.client, placed.workflow_id, late)
    await eventually(lambda: world.baton.attended_orders([placed.workflow_id]))
    act = f"/ops/orders/default/{placed.reference}/acts/resolve"
    await ada.send(act, act, reason="late_deposit", note="paid back")
    assert (await world.snapshot(placed)).resolutions[-1].by == "ada"


async def test_an_order_is_read_on_request(ada: OperatorBrowser, world: World) -> None:
    placed = await world.place()
    page = f"/ops/orders/default/{placed.reference}"
    done = await ada.send(page, f"{page}/acts/refresh")
    assert done.headers["location"] == f"{page}?done=refresh"
    assert "The order was read at Orchestra." in await ada.read(done.headers["location"])
    acts = [(act.act, act.by) for act in (await world.snapshot(placed)).acts]
    assert acts == [("refresh", "ada")]


async def test_a_cancellation_asks_first(ada: OperatorBrowser, world: World) -> None:
    placed = await world.place()
    act = f"/ops/orders/default/{placed.reference}/acts/cancel"
    asked = await ada.read(act)
    assert "100 USDC" in asked
    assert (await world.snapshot(placed)).outcome is None
    await ada.send(act, act, note="the customer left")
    assert (await world.baton.wait(placed.reference)).outcome is Outcome.CANCELLED
    await eventually(lambda: said_in_acts(ada, placed.reference, "the customer left"))


async def said_in_acts(browser: OperatorBrowser, reference: str, note: str) -> bool:
    text = await browser.read(f"/ops/acts?reference={reference}&by=ada")
    return note in text


async def test_a_deposit_is_reported(ada: OperatorBrowser, world: World) -> None:
    placed = await world.place()
    proof = await world.deposit(placed)
    act = f"/ops/orders/default/{placed.reference}/acts/report"
    await ada.send(act, act, tx_hash=f"https://basescan.org/tx/{proof.tx_hash}")
    assert (await world.baton.wait(placed.reference)).outcome is Outcome.COMPLETED


async def test_an_offer_is_answered(ada: OperatorBrowser, world: World) -> None:
    placed = await offered(world, "zeroconf_offer", mode="ask")
    await world.until(placed, status="awaiting_approval")
    page = f"/ops/orders/default/{placed.reference}"
    await eventually(lambda: offers(ada, page, "Answer the offer"))
    act = f"{page}/acts/zeroconf"
    assert "Credited at once" in await ada.read(act)
    answered = await ada.send(act, act, answer="accept", note="known payer")
    assert answered.status_code == 303
    await world.baton.wait(placed.reference)
    order = await world.snapshot(placed)
    assert [report.reasons for report in order.approvals] == [["known payer"]]
    assert [(done.act, done.by) for done in order.acts] == [("decide_zeroconf", "ada")]


async def offers(browser: OperatorBrowser, page: str, act: str) -> bool:
    return act in await browser.read(page)


async def test_a_repricing_is_answered(ada: OperatorBrowser, world: World) -> None:
    placed = await world.place(scenario="reprice_pending")
    await world.deposit_and_report(placed)
    await world.until(placed, status="awaiting_approval")
    page = f"/ops/orders/default/{placed.reference}"
    await eventually(lambda: offers(ada, page, "Answer the repricing"))
    act = f"{page}/acts/reprice"
    assert "Proposed minimum" in await ada.read(act)
    await ada.send(act, act, answer="approve", note="small loss")
    assert (await world.baton.wait(placed.reference)).outcome is Outcome.COMPLETED
    order = await world.snapshot(placed)
    assert [report.reasons for report in order.reprices] == [["small loss"]]
    assert [done.by for done in order.acts if done.act == "decide_reprice"] == ["ada"]


async def test_money_under_way_is_named_before_a_close(ada: OperatorBrowser, world: World) -> None:
    placed = await world.place(scenario="stepped")
    proof = await world.deposit_and_report(placed)
    order_id = (await world.until(placed, phase="tracking")).order_id
    act = f"/ops/orders/default/{placed.reference}/acts/close"
    refused = await ada.send(act, act, outcome="refunded", note="paid out by hand")
    assert refused.status_code == 409
    assert "money is under way" in text_of(refused)
    named = [order_id, proof.tx_hash]
    done = await ada.send(act, act, outcome="refunded", note="paid out by hand", despite=named)
    assert done.status_code == 303, text_of(done)
    assert (await world.baton.wait(placed.reference)).outcome is Outcome.REFUNDED


@pytest.mark.parametrize("act", ["resolve", "refresh", "cancel", "close", "report", "zeroconf", "reprice", "refund"])
async def test_a_reader_may_do_nothing(desk: Desk, world: World, act: str) -> None:
    placed = await world.place()
    page = f"/ops/orders/default/{placed.reference}"
    async with desk.browser("reader") as reader:
        assert "What you can do" not in (await reader.http.get(page)).text
        for refused in (await reader.http.get(f"{page}/acts/{act}"), await reader.send(page, f"{page}/acts/{act}")):
            assert refused.status_code == 403
            assert "does not have the verb" in text_of(refused)
    assert (await world.snapshot(placed)).acts == []


async def test_a_wrong_form_says_what_is_wrong(ada: OperatorBrowser, world: World) -> None:
    placed = await world.place()
    page = f"/ops/orders/default/{placed.reference}"
    cases: dict[str, tuple[dict[str, str], str]] = {
        "resolve": ({}, "note: field required"),
        "zeroconf": ({"answer": "perhaps"}, "give either accept"),
        "close": ({"outcome": "great", "note": "x"}, "outcome"),
        "refund": ({"note": "x"}, "only a deposit to a reusable address"),
        "steal": ({}, "there is no such act"),
    }
    for act, (fields, words) in cases.items():
        refused = await ada.send(page, f"{page}/acts/{act}", **fields)
        assert refused.status_code in (409, 422)
        assert words in text_of(refused), act


async def test_an_order_that_is_not_followed_is_adopted(ada: OperatorBrowser, world: World) -> None:
    unknown = "/ops/find?id=ord_nobody"
    refused = await ada.send(unknown, "/ops/adopt", account="default", order_id="ord_nobody")
    assert "order_not_at_orchestra" in text_of(refused)
    placed = await world.place()
    await world.deposit_and_report(placed)
    await world.baton.wait(placed.reference)
    order_id = str((await world.snapshot(placed)).order_id)
    followed = await ada.send(unknown, "/ops/adopt", account="default", order_id=order_id, note="the customer asks")
    assert followed.headers["location"] == f"/ops/orders/default/{placed.reference}?done=adopt"


async def test_an_act_of_another_account_is_refused(desk: Desk, world: World) -> None:
    placed = await world.place()
    async with desk.browser("shop") as shop:
        refused = await shop.send("/ops", f"/ops/orders/default/{placed.reference}/acts/cancel")
        assert refused.status_code == 403
    with pytest.raises(OrderRefused, match="no ZeroConf offer"):
        await world.baton.decide_zeroconf(placed.reference, accept=True)


async def test_an_act_without_the_form_token_does_nothing(ada: OperatorBrowser, world: World) -> None:
    placed = await world.place()
    act = f"/ops/orders/default/{placed.reference}/acts/cancel"
    refused: httpx.Response = await ada.http.post(act, data={"note": "sent by another site"})
    assert refused.status_code == 403
    assert (await world.snapshot(placed)).outcome is None
