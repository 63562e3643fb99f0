"""The order API: the same orders as in Python, replays, conflicts, and who did what."""

import json
from typing import Any

import httpx
import pytest

from baton.errors import OrderRefused
from baton.orders.answers import Placement
from tests.end_to_end.test_attention import troubled
from tests.end_to_end.test_reprices import repriced
from tests.end_to_end.test_zeroconf import awaiting, offered
from tests.end_to_end.world import World
from tests.eventually import eventually


async def place(world: World, **fields: Any) -> dict[str, Any]:
    placed = await world.http.post("/v1/orders", json=world.document(**fields))
    assert placed.status_code == 201, placed.text
    return dict(placed.json())


def error_of(response: httpx.Response, status: int) -> dict[str, Any]:
    assert response.status_code == status, response.text
    error = response.json()["error"]
    assert error["remedy"]
    assert error["request_id"] == response.headers["X-Request-Id"]
    return dict(error)


async def test_an_order_placed_over_http_is_the_same_in_python(world: World) -> None:
    placed = await place(world, metadata={"cart": "7"})
    read = await world.http.get(f"/v1/orders/{placed['reference']}")
    snapshot = await world.baton.snapshot(placed["reference"])
    assert read.json() == snapshot.model_dump(mode="json")
    assert (snapshot.placed_by, snapshot.metadata) == ("tests", {"cart": "7"})
    assert placed["deposit_address"] == snapshot.deposit_address


async def test_an_order_placed_in_python_is_the_same_over_http(world: World) -> None:
    placed = await world.place()
    read = await world.http.get(f"/v1/orders/{placed.reference}?account=default")
    assert read.json() == (await world.snapshot(placed)).model_dump(mode="json")
    again = await world.http.post("/v1/orders", json=world.document(reference=placed.reference))
    assert (again.status_code, again.headers["Idempotent-Replayed"]) == (200, "true")
    assert again.json() == {**placed.model_dump(mode="json"), "replayed": True}


async def test_placing_again_answers_the_same_and_says_so(world: World) -> None:
    document = world.document()
    first = await world.http.post("/v1/orders", json=document)
    again = await world.http.post("/v1/orders", json=document, headers={"Idempotency-Key": document["reference"]})
    assert (first.status_code, again.status_code) == (201, 200)
    assert "Idempotent-Replayed" not in first.headers
    assert again.headers["Idempotent-Replayed"] == "true"
    assert first.json() == {**again.json(), "replayed": False}
    assert (await world.http.get(first.headers["Location"])).json()["reference"] == document["reference"]


async def test_another_request_under_a_reference_names_what_differs(world: World) -> None:
    document = world.document(metadata={"cart": "7"})
    await world.http.post("/v1/orders", json=document)
    other = {**document, "amount": "200000000", "metadata": {"cart": "8"}}
    error = error_of(await world.http.post("/v1/orders", json=other), 409)
    assert error["code"] == "reference_conflict"
    assert [wrong["field"] for wrong in error["fields"]] == ["amount", "metadata.cart"]
    assert error["order"]["phase"] == "awaiting_deposit"


async def test_an_idempotency_key_is_the_reference(world: World) -> None:
    document = world.document()
    reference = document.pop("reference")
    placed = await world.http.post("/v1/orders", json=document, headers={"Idempotency-Key": reference})
    assert placed.json()["reference"] == reference
    headers = {"Idempotency-Key": "another"}
    refused = await world.http.post("/v1/orders", json={**document, "reference": reference}, headers=headers)
    assert error_of(refused, 422)["field"] == "Idempotency-Key"


async def test_every_wrong_field_is_named(world: World) -> None:
    wrong = world.document(amount="0", slippageBps=2000, refundAdress="x")
    error = error_of(await world.http.post("/v1/orders", json=wrong), 422)
    assert error["code"] == "invalid_order"
    assert sorted(fault["field"] for fault in error["fields"]) == ["amount", "refundAdress", "slippageBps"]


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"\xff", b"[" * 100_000, b'"text"'])
async def test_a_body_that_is_no_object_is_refused(world: World, body: bytes) -> None:
    error = error_of(await world.http.post("/v1/orders", content=body), 422)
    assert error["remedy"] == "send one JSON object"


async def test_half_a_character_is_refused_and_does_not_break_the_answer(world: World) -> None:
    body = json.dumps(world.document(amount="\ud800"))
    error = error_of(await world.http.post("/v1/orders", content=body), 422)
    assert (error["code"], error["field"]) == ("invalid_order", "amount")


async def test_an_order_that_orchestra_refuses_keeps_its_code(world: World) -> None:
    refused = await world.http.post("/v1/orders", json=world.document(destinationAsset="NOSUCH"))
    error = error_of(refused, 422)
    with pytest.raises(OrderRefused) as in_python:
        await world.baton.place(world.document(destinationAsset="NOSUCH"))
    assert error["code"] == in_python.value.code


async def test_an_order_goes_its_whole_way_over_http(world: World) -> None:
    placed = Placement.model_validate(await place(world))
    path = f"/v1/orders/{placed.reference}"
    proof = await world.deposit(placed)
    reported = await world.http.post(f"{path}/deposit", json={**proof.wire(), "quoteId": placed.quote_id})
    assert reported.status_code == 200, reported.text
    order = await eventually(lambda: read(world, path), lambda found: found["outcome"] is not None)
    assert (order["outcome"], order["placed_by"]) == ("completed", "tests")
    assert [(act["act"], act["by"]) for act in order["acts"]] == [("report_deposit", "tests")]
    timeline = await eventually(lambda: read(world, f"{path}/transitions"), lambda found: len(found["transitions"]) > 1)
    assert [step["status"] for step in timeline["transitions"]] == [step["status"] for step in order["transitions"]]
    deliveries = await eventually(lambda: read(world, f"{path}/deliveries"), lambda found: bool(found["deliveries"]))
    assert deliveries["deliveries"][0]["disposition"] in ("handed_over", "late")
    late = error_of(await world.http.post(f"{path}/cancel"), 409)
    assert (late["code"], late["order"]["outcome"]) == ("order_closed", "completed")


async def read(world: World, path: str) -> dict[str, Any]:
    response = await world.http.get(path)
    assert response.status_code == 200, response.text
    return dict(response.json())


async def test_who_refreshes_and_cancels_is_recorded(world: World) -> None:
    path = f"/v1/orders/{(await place(world))['reference']}"
    assert (await world.http.post(f"{path}/refresh")).status_code == 200
    cancelled = await world.http.post(f"{path}/cancel")
    assert cancelled.json()["outcome"] == "cancelled"
    order = await read(world, path)
    assert [(act["act"], act["by"]) for act in order["acts"]] == [("refresh", "tests"), ("cancel", "tests")]


async def test_the_business_answers_an_offer_over_http(world: World) -> None:
    placed = await offered(world, "zeroconf_offer", mode="ask")
    await awaiting(world, placed)
    path = f"/v1/orders/{placed.reference}"
    answered = await world.http.post(f"{path}/decide", json={"accept": True, "reason": "known payer"})
    assert answered.status_code == 200, answered.text
    order = await eventually(lambda: read(world, path), lambda found: found["outcome"] is not None)
    assert order["approvals"][0]["reasons"] == ["known payer"]
    assert ("decide_zeroconf", "tests") in [(act["act"], act["by"]) for act in order["acts"]]


async def test_the_business_answers_a_repricing_over_http(world: World) -> None:
    placed = await repriced(world)
    await world.until(placed, status="awaiting_approval")
    path = f"/v1/orders/{placed.reference}"
    wrong = error_of(await world.http.post(f"{path}/decide", json={"action": "approve", "minimum": 0}), 422)
    assert wrong["field"] == "minimum"
    assert (await world.http.post(f"{path}/decide", json={"action": "reject"})).status_code == 200
    order = await eventually(lambda: read(world, path), lambda found: found["outcome"] is not None)
    assert (order["outcome"], order["acts"][-1]["act"]) == ("failed", "decide_reprice")


async def test_a_decision_without_a_question_is_refused(world: World) -> None:
    path = f"/v1/orders/{(await place(world))['reference']}"
    nothing = error_of(await world.http.post(f"{path}/decide", json={"accept": True}), 409)
    assert nothing["code"] == "no_offer_pending"
    both = error_of(await world.http.post(f"{path}/decide", json={"accept": True, "action": "approve"}), 422)
    assert both["field"] == "accept"


async def test_a_wrong_proof_says_which_field_the_chain_wants(world: World) -> None:
    path = f"/v1/orders/{(await place(world))['reference']}"
    error = error_of(await world.http.post(f"{path}/deposit", json={"sparkTxHash": "ab" * 32}), 422)
    assert error["code"] == "invalid_proof"
    assert "txHash" in error["message"]
    unknown = error_of(await world.http.post(f"{path}/deposit", json={"txhash": "0x1"}), 422)
    assert unknown["field"] == "txhash"


async def test_what_an_operator_did_is_recorded_with_the_token(world: World) -> None:
    path = f"/v1/orders/{(await place(world))['reference']}"
    error = error_of(await world.http.post(f"{path}/resolve", json={"note": "looked"}), 409)
    assert error["code"] == "nothing_to_resolve"
    troubled_order = await troubled(world)
    resolved = await world.http.post(f"/v1/orders/{troubled_order.reference}/resolve", json={"note": "on its way"})
    assert resolved.json()["attention"] is None
    done = (await world.snapshot(troubled_order)).resolutions[0]
    assert (done.reason, done.note, done.by) == ("overdue", "on its way", "tests")
    empty = error_of(await world.http.post(f"{path}/resolve", json={"note": "", "closeAs": "sold"}), 422)
    assert [fault["field"] for fault in empty["fields"]] == ["note", "closeAs"]
