"""The commands about the sandbox: paying as a payer does, choosing what happens, and never at a real Orchestra."""

import asyncio
import re
import shlex
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from baton.cli.sandbox.example_orders import EXAMPLES
from baton.cli.sandbox.story import open_story
from baton.local.sandbox.scenarios import BUILT_IN
from baton.local.sandbox.scenarios.edges import EDGE_SCENARIOS
from baton.local.sandbox.scenarios.listing import payments_of, stage_of
from baton.orders.document import read_document
from baton.process.http_server import address_of, listen, serving
from baton.settings import load_settings
from tests.cli.command import Baton
from tests.end_to_end.world import SPARK, World
from tests.eventually import eventually
from tests.paths import ROOT


@pytest.fixture
def toy(baton: Baton, world: World) -> Baton:
    """The command of a world whose account uses a sandbox."""
    return replace(baton, environment={**baton.environment, **_account(world.sandbox.base_url)})


def _account(url: str) -> dict[str, str]:
    return {"ORCHESTRA_BASE_URL": url, "ORCHESTRA_API_KEY": "fn_sandbox"}


def _fresh(name: str) -> str:
    return f"{name}-{uuid.uuid4().hex[:8]}"


async def _end(world: World, reference: str) -> str:
    return str((await world.baton.wait(reference)).outcome)


KINDS = {
    "swap": {},
    "bitcoin": {**EXAMPLES["bitcoin"], "zeroconfEnabled": False},
    "lightning": {"sourceChain": "lightning", "sourceAsset": "BTC", "amount": "100000", "destinationAsset": "USDB"},
}


@pytest.mark.parametrize("kind", KINDS)
async def test_a_paid_order_of_each_kind_of_chain_completes(world: World, toy: Baton, kind: str) -> None:
    placed = await world.place(**KINDS[kind])

    paid = await toy("sandbox", "pay", placed.reference, "--json")

    assert (paid.code, paid.json["noticed_by"], len(paid.json["payments"])) == (0, "business", 1)
    assert paid.json["amount"] == str(placed.amount_in)
    assert await _end(world, placed.reference) == "completed"


async def test_a_paid_onramp_completes(world: World, toy: Baton) -> None:
    placed = await world.baton.place({**EXAMPLES["onramp"], "reference": _fresh("onramp")})

    paid = await toy("sandbox", "pay", placed.reference, "--json")

    assert (paid.code, paid.json["noticed_by"]) == (0, "orchestra")
    assert await _end(world, placed.reference) == "completed"


async def test_a_paid_off_ramp_completes(world: World, toy: Baton) -> None:
    document = {"kind": "offramp", "sourceChain": "base", "sourceAsset": "USDC", "amount": "50000000"}
    recipient = {"recipientAddress": "$jane", "refundAddress": "0x52908400098527886E0F7030069857D2E4169EE7"}
    placed = await world.baton.place({**document, **recipient, "reference": _fresh("offramp")})

    assert (await toy("sandbox", "pay", placed.reference)).code == 0
    assert await _end(world, placed.reference) == "completed"


async def test_a_deposit_to_an_address_becomes_an_order(world: World, toy: Baton) -> None:
    reference = _fresh("till")
    fields = {"sourceChain": "base", "sourceAsset": "USDC", "destinationAsset": "BTC", "recipientSparkAddress": SPARK}
    await world.baton.create_address({"type": "accumulation", "reference": reference, **fields})

    without = await toy("sandbox", "pay", reference)
    paid = await toy("sandbox", "pay", reference, "--amount", "50 USDC", "--json")

    assert (without.code, paid.code) == (2, 0)
    assert "--amount" in without.err
    assert (paid.json["source"], paid.json["amount"]) == (f"address/{reference}", "50000000")
    lines = await eventually(lambda: world.baton.address_deposits(reference), lambda lines: len(lines) == 1)
    assert await _end(world, lines[0].reference) == "completed"


async def test_a_visit_to_a_pay_link_becomes_an_order(world: World, toy: Baton) -> None:
    reference = _fresh("tips")
    fields = {"destinationChain": "spark", "destinationAsset": "USDB", "recipientAddress": SPARK}
    await world.baton.create_pay_link({"reference": reference, "amountOut": "25000000", **fields})

    paid = await toy("sandbox", "pay", f"paylink/{reference}", "--json")

    assert (paid.code, paid.json["source"]) == (0, f"paylink/{reference}")
    lines = await eventually(lambda: world.baton.pay_link_orders(reference), lambda lines: len(lines) == 1)
    assert await _end(world, lines[0].reference) == "completed"


@pytest.mark.parametrize(
    ("options", "amount"),
    [(["--short"], "90000000"), (["--over"], "110000000"), (["--amount", "99.5 USDC"], "99500000")],
)
async def test_a_payer_can_send_another_amount(world: World, toy: Baton, options: list[str], amount: str) -> None:
    placed = await world.place()

    paid = await toy("sandbox", "pay", placed.reference, *options, "--json")

    assert (paid.code, paid.json["amount"]) == (0, amount)
    received = (await world.until(placed, outcome="completed")).received
    assert received is not None
    assert str(received.received) == amount


async def test_two_deposits_raise_attention_about_the_second(world: World, toy: Baton) -> None:
    placed = await world.place(scenario="stepped")

    paid = await toy("sandbox", "pay", placed.reference, "--twice", "--json")

    assert (paid.code, len(paid.json["payments"])) == (0, 2)
    snapshot = await eventually(lambda: world.snapshot(placed), lambda snapshot: bool(snapshot.attentions))
    assert [attention.reason for attention in snapshot.attentions] == ["second_deposit"]


async def test_a_paid_order_is_paid_again_only_on_request(world: World, toy: Baton) -> None:
    placed = await world.place(scenario="stepped")
    await toy("sandbox", "pay", placed.reference)

    again, twice = (
        await toy("sandbox", "pay", placed.reference),
        await toy("sandbox", "pay", placed.reference, "--twice"),
    )

    assert (again.code, twice.code) == (1, 0)
    assert again.err == f"error: order {placed.reference} is paid already; --twice pays it once more\n"
    deposits = [each for each in await world.sandbox.deposits() if each["quoteId"] == placed.quote_id]
    assert len(deposits) == 2


async def test_late_money_reaches_the_follow_up_of_an_ended_order(world: World, toy: Baton) -> None:
    placed = await world.place()
    await world.baton.cancel(placed.reference)

    without, late = (
        await toy("sandbox", "pay", placed.reference),
        await toy("sandbox", "pay", placed.reference, "--late", "--json"),
    )

    assert without.code == 1
    assert without.err.endswith("is cancelled; --late sends money after its end\n")
    assert late.json["standing"]["followed_by"] == f"{placed.reference}~late"
    assert await _end(world, f"{placed.reference}~late") == "completed"


async def test_a_late_payment_finds_its_quote_expired(world: World, toy: Baton) -> None:
    placed = await world.place(scenario="stepped")

    assert (await toy("sandbox", "pay", placed.reference, "--late")).code == 0

    quotes = {quote["id"]: quote for quote in await world.sandbox.quotes()}
    assert quotes[placed.quote_id]["expired"]


async def test_a_deposit_that_nobody_notices_leaves_its_order_waiting(world: World, toy: Baton) -> None:
    placed = await world.place()

    paid = await toy("sandbox", "pay", placed.reference, "--noticed-by", "nobody", "--json")
    snapshot = await world.snapshot(placed)

    assert (paid.code, snapshot.phase, snapshot.proofs) == (0, "awaiting_deposit", [])
    proof = paid.json["payments"][0]["txHash"]
    assert (await toy("deposit", placed.reference, "--tx-hash", proof)).code == 0
    assert await _end(world, placed.reference) == "completed"


async def test_without_a_reference_the_newest_unpaid_order_is_paid(world: World, toy: Baton) -> None:
    await world.place()
    newest = await world.baton.place({**EXAMPLES["onramp"], "reference": _fresh("newest")})

    def listed(lines: list) -> bool:
        return newest.reference in {line.reference for line in lines}

    await eventually(lambda: world.baton.list_orders(limit=50), listed)
    paid = await toy("sandbox", "pay", "--json")

    assert (paid.code, paid.json["reference"]) == (0, newest.reference)


async def test_an_unknown_reference_and_a_wrong_invoice_amount_are_refused(world: World, toy: Baton) -> None:
    onramp = await world.baton.place({**EXAMPLES["onramp"], "reference": _fresh("exact")})

    unknown = await toy("sandbox", "pay", "nothing-here")
    short, twice = [await toy("sandbox", "pay", onramp.reference, option) for option in ("--short", "--twice")]
    both = await toy("sandbox", "pay", onramp.reference, "--short", "--over")

    assert (unknown.code, short.code, twice.code, both.code) == (1, 2, 2, 2)
    assert "has no order, reusable address or pay link nothing-here" in unknown.err
    assert "an invoice is paid exactly" in short.err
    assert "an invoice is paid once" in twice.err
    assert (await world.snapshot(onramp)).outcome is None


async def test_an_order_can_be_placed_by_the_name_of_a_scenario(world: World, toy: Baton) -> None:
    reference = _fresh("story")

    started = await toy("start", "--scenario", "refund_slippage", "--reference", reference, "--json")

    assert (started.code, started.json["reference"], started.json["paid"]["amount"]) == (0, reference, "100000000")
    assert await _end(world, reference) == "refunded"
    assert (await toy("start", "--scenario", "refund_slippage", "--reference", reference)).code == 1


async def test_an_order_of_ones_own_plays_a_scenario_too(world: World, toy: Baton) -> None:
    document = world.document(amount="20000000")
    route = [
        word
        for name in ("source", "destination")
        for end in ("chain", "asset")
        for word in (f"--{name}-{end}", document[f"{name}{end.title()}"])
    ]
    own = [*route, "--recipient-address", SPARK, "--amount", "20 USDC", "--reference", document["reference"]]

    started = await toy("start", *own, "--scenario", "underpaid", "--watch")

    assert started.code == 0
    received = (await world.baton.snapshot(document["reference"])).received
    assert received is not None
    assert (received.name, received.received) == ("short", 18_000_000)


async def test_an_unknown_scenario_places_nothing_and_names_similar_ones(toy: Baton) -> None:
    reference = _fresh("unknown")

    refused = await toy("start", "--scenario", "zeroconf_ofer", "--reference", reference, "--json")
    of_addresses = await toy("start", "--scenario", "held_deposit", "--reference", reference)

    assert (refused.code, of_addresses.code) == (2, 2)
    assert "did you mean zeroconf_offer" in refused.error["message"]
    assert "baton sandbox pay address/REF --scenario held_deposit" in of_addresses.err
    assert (await toy("show", reference)).code == 1


@pytest.mark.parametrize("stage", ["any", "bitcoin", "onramp"])
async def test_every_scenario_of_orders_is_played(world: World, monkeypatch: pytest.MonkeyPatch, stage: str) -> None:
    for name, value in _account(world.sandbox.base_url).items():
        monkeypatch.setenv(name, value)
    paid: dict[str, int] = {}
    # The rows of the transition table are alike: one of them stands for all.
    alike = {edge.name for edge in EDGE_SCENARIOS[1:]}
    played = [scenario for scenario in BUILT_IN if stage_of(scenario) == stage and scenario.name not in alike]
    wanted = {scenario.name: payments_of(scenario) for scenario in played}
    for name in wanted:
        story = await asyncio.to_thread(open_story, name, load_settings(), "default")
        document = read_document({**EXAMPLES[story.orders], "reference": _fresh(name.replace("_", "-"))})
        placed = await story.place(document, lambda document=document: world.baton.place(document))
        payments = await story.pay(world.baton, placed, 10)
        paid[name] = len(payments.proofs) if payments else 0
        # An order that was held for a review learns its quote with its first read after that.
        quoted = await eventually(
            lambda placed=placed: world.snapshot(placed), lambda order: order.quote_id is not None
        )
        quotes = {quote["id"]: quote["scenario"] for quote in await world.sandbox.quotes()}
        assert quotes[quoted.quote_id] == name

    assert paid == wanted


async def test_scenarios_have_the_same_names_in_the_list_and_the_sandbox(world: World, toy: Baton) -> None:
    listed = [line["name"] for line in (await toy("sandbox", "scenarios", "--json")).lines]
    table = (await toy("sandbox", "scenarios")).out

    assert listed == [scenario["name"] for scenario in await world.sandbox.scenarios()]
    assert [name for name in listed if not re.search(rf"^ ?{name} .*\.\s*$", table, re.MULTILINE)] == []


async def test_an_order_is_moved_by_hand(world: World, toy: Baton) -> None:
    placed = await world.place(scenario="stepped")
    early = await toy("sandbox", "advance", placed.reference)
    await toy("sandbox", "pay", placed.reference)
    await eventually(lambda: world.snapshot(placed), lambda snapshot: snapshot.order_id is not None)

    moved = await toy("sandbox", "advance", placed.reference, "--to", "refunding", "--json")

    assert (early.code, moved.code, moved.json["status"]) == (1, 0, "refunding")


async def test_faults_are_added_listed_and_ended(toy: Baton) -> None:
    added = await toy("sandbox", "faults", "--add", "claims:error", "--times", "3", "--json")
    webhooks = await toy("sandbox", "faults", "--add", "webhooks:duplicate", "--times", "1", "--json")
    wrong = await toy("sandbox", "faults", "--add", "claims:drop")
    cleared = await toy("sandbox", "faults", "--clear")

    calls = [(line["kind"], line["left"]) for line in added.lines if line.get("endpoint") == "claims"]
    assert calls == [("error", 3)]
    assert webhooks.lines[-1]["kind"] == "duplicate"
    assert (wrong.code, cleared.code, cleared.err) == (2, 0, "nothing is broken\n")


_COMMANDS = (
    ("sandbox", "pay", "some-order"),
    ("sandbox", "orders"),
    ("sandbox", "advance", "ord_1"),
    ("sandbox", "faults", "--clear"),
    ("start", "--scenario", "happy"),
)


@asynccontextmanager
async def _real_orchestra() -> AsyncIterator[tuple[str, list[tuple[str, str, str]]]]:
    """Serve something that is no sandbox, at an address of this machine; yield it with the calls that it got."""
    calls: list[tuple[str, str, str]] = []

    async def answer(request: Request) -> Response:
        calls.append((request.method, request.url.path, request.headers.get("authorization", "")))
        return JSONResponse({"status": "ok", "error": {"code": "not_found", "message": "no such path"}}, 200)

    listener = listen("127.0.0.1", 0)
    app = Starlette(routes=[Route("/{path:path}", answer, methods=["GET", "POST", "DELETE", "PUT"])])
    async with serving(app, listener, grace=1):
        yield address_of(listener), calls


@pytest.mark.parametrize("arguments", _COMMANDS, ids=lambda arguments: "-".join(arguments[:2]))
async def test_no_command_changes_anything_at_a_real_orchestra(baton: Baton, arguments: tuple[str, ...]) -> None:
    async with _real_orchestra() as (url, calls):
        answer = await baton(*arguments, "--json", **_account(url))

    assert (answer.code, answer.error["code"]) == (2, "not_a_sandbox")
    assert "is not a sandbox, so nothing was paid or changed" in answer.error["message"]
    assert calls == [("GET", "/sandbox/health", "")]


async def test_an_address_that_is_no_url_is_named(alone: Baton) -> None:
    answer = await alone("sandbox", "pay", "shop-1", "--json", **_account("http://[::1"))

    assert (answer.code, answer.error["code"]) == (2, "settings")
    assert "base_url 'http://[::1' is not a URL" in answer.error["message"]


async def test_the_address_of_a_real_orchestra_is_not_even_called(alone: Baton) -> None:
    answer = await alone("sandbox", "pay", "some-order", **_account("https://orchestration.flashnet.invalid"))

    assert answer.code == 2
    assert "https://orchestration.flashnet.invalid, which is not a sandbox" in answer.err


async def test_a_sandbox_that_does_not_run_is_unreachable(alone: Baton) -> None:
    answer = await alone("sandbox", "orders", "--json", **_account("http://127.0.0.1:1"))

    assert (answer.code, answer.error["code"]) == (3, "sandbox_unreachable")


PAGE = (ROOT / "docs" / "sandbox.md").read_text(encoding="utf-8")


async def test_the_examples_of_the_page_work_in_their_order(toy: Baton) -> None:
    blocks = re.findall(r"^```console\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
    lines = [line.removeprefix("$ baton ") for block in blocks for line in block.splitlines() if "$ baton " in line]
    codes = {}
    for line in lines:
        codes[line] = (await toy(*shlex.split(line))).code

    assert len(codes) > 20
    assert {line: code for line, code in codes.items() if code} == {}
