"""How orders move: happy paths, scenarios, admin calls, and the transition table that no move violates."""

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import pytest

from baton.local.sandbox.control import SandboxControl, SandboxRefused
from baton.local.sandbox.engine.routes import SandboxRoute, all_routes, find_route
from baton.local.sandbox.engine.script import script
from baton.local.sandbox.scenarios import Scenario, list_scenarios
from baton.local.sandbox.scenarios.book import ScenarioError, load_scenarios
from baton.orchestra.lifecycle import FIRST, PUBLIC_EDGES, SILENT_EDGES, Status
from tests.eventually import eventually
from tests.local.sandbox.partner import (
    BITCOIN_TO_USDC,
    LIGHTNING_TO_USDB,
    SOLANA_TO_BASE,
    SPARK_TO_USDC,
    USDC_TO_BTC,
    Document,
    Partner,
    code_of,
)
from tests.sandbox_server import running_sandbox

DONE = ["delivering", "completed"]


def _paid(control: SandboxControl, partner: Partner):
    async def pay(body: Document = USDC_TO_BTC) -> Document:
        quote = await partner.quote(body)
        await partner.submit(quote, await control.deposit(quote["quoteId"]))
        return quote

    return pay


async def _moves(control: SandboxControl) -> list[str]:
    [order] = await control.orders()
    return [move["status"] for move in order["moves"]]


def _illegal(moves: Sequence[Status]) -> list[tuple[Status, Status]]:
    return [
        (a, b)
        for a, b in pairwise(moves)
        if b not in PUBLIC_EDGES.get(a, frozenset()) | SILENT_EDGES.get(a, frozenset())
    ]


@pytest.mark.parametrize(
    ("source", "destination", "path"),
    [
        (("base", "USDC"), ("spark", "BTC"), ["bridging", "swapping"]),
        (("tron", "USDT"), ("bitcoin", "BTC"), ["bridging", "swapping"]),
        (("spark", "BTC"), ("solana", "USDC"), ["swapping", "bridging"]),
        (("spark", "BTC"), ("spark", "USDB"), ["swapping"]),
        (("bitcoin", "BTC"), ("base", "USDC"), ["confirming", "swapping", "bridging"]),
        (("lightning", "BTC"), ("spark", "USDB"), ["confirming", "swapping"]),
        (("lightning", "BTC"), ("spark", "BTC"), ["confirming"]),
        (("lightning", "BTC"), ("polygon", "USDT"), ["confirming", "swapping", "bridging"]),
        (("solana", "USDC"), ("base", "USDC"), ["bridging"]),
        (("solana", "USDC"), ("base", "USDT"), ["bridging", "swapping"]),
    ],
)
def test_each_kind_of_source_has_its_published_happy_path(
    source: tuple[str, str], destination: tuple[str, str], path: list[str]
) -> None:
    assert list(find_route(source, destination).path) == ["processing", *path, *DONE]


@pytest.mark.parametrize("scenario", list_scenarios(), ids=lambda scenario: scenario.name)
def test_no_built_in_scenario_violates_the_table_on_any_route(scenario: Scenario) -> None:
    routes = {route.path: route for route in all_routes()}.values()
    broken = {_name(route): _illegal([FIRST, *_statuses(scenario, route)]) for route in routes}
    assert not any(broken.values()), broken


def _name(route: SandboxRoute) -> str:
    return f"{route.source.chain.name} -> {route.destination.chain.name}"


def _statuses(scenario: Scenario, route: SandboxRoute) -> list[Status]:
    return [move.status for move in script(scenario.steps, route.path)]


@pytest.mark.parametrize("body", [USDC_TO_BTC, SPARK_TO_USDC, BITCOIN_TO_USDC, LIGHTNING_TO_USDB, SOLANA_TO_BASE])
async def test_a_happy_order_completes_and_fills_its_record(
    partner: Partner, control: SandboxControl, body: Document
) -> None:
    quote = await _paid(control, partner)(body)
    order = await partner.wait_until(quote, "completed")
    stages = [stage["name"] for stage in (await partner.status(id=order["id"])).json()["stages"]]
    route = find_route((body["sourceChain"], body["sourceAsset"]), (body["destinationChain"], body["destinationAsset"]))
    assert await _moves(control) == list(route.path)
    assert order["amountOut"] == quote["estimatedOut"]
    assert order["completedAt"] == order["updatedAt"] > order["createdAt"]
    assert stages[0] == "deposit_confirmed"
    assert stages[-1] == "delivered"
    assert bool(order["destinationTxHash"]) == (body["destinationChain"] != "spark")
    assert bool(order["sourceTxHash"]) == (body["sourceChain"] != "lightning")
    assert bool(order["sweepTxHash"]) == (body["sourceChain"] in ("base", "solana"))
    assert (order["errorCode"], order["refundTxHash"]) == (None, None)
    assert await control.violations() == []


@pytest.mark.parametrize(
    ("scenario", "end", "moves", "error"),
    [
        ("failed_slippage", "failed", ["bridging", "swapping", "failed"], "slippage_exceeded"),
        ("refunded", "refunded", ["bridging", "swapping", "refunding", "refunded"], "slippage_exceeded"),
        ("refund_failed", "failed", ["bridging", "swapping", "refunding", "failed"], "refund_address_missing"),
        ("unfulfilled", "unfulfilled", ["unfulfilled"], None),
        ("unfulfilled_then_late", "completed", ["unfulfilled", "bridging", "swapping", *DONE], None),
        ("expired", "expired", ["expired"], None),
        ("paused_then_resumes", "completed", ["paused", "processing", "bridging", "swapping", *DONE], None),
        ("paused_midway", "completed", ["bridging", "swapping", "paused", "processing", *DONE], None),
        ("paused_then_failed", "failed", ["paused", "failed"], "provider_review"),
        ("no_webhooks", "completed", ["bridging", "swapping", *DONE], None),
        ("webhooks_twice", "completed", ["bridging", "swapping", *DONE], None),
    ],
)
async def test_an_order_follows_its_scenario(
    partner: Partner, control: SandboxControl, scenario: str, end: str, moves: list[str], error: str | None
) -> None:
    await control.set_scenario(scenario)
    quote = await _paid(control, partner)()
    order = await partner.wait_until(quote, end)
    assert await _moves(control) == ["processing", *moves]
    assert order["errorCode"] == error
    assert (order["completedAt"] is None) == (end == "unfulfilled")
    assert bool(order["refundTxHash"]) == (end == "refunded")
    assert await control.violations() == []


async def test_a_scenario_can_detect_the_deposit_without_a_submit(partner: Partner, control: SandboxControl) -> None:
    await control.set_scenario("detected_without_submit")
    quote = await partner.quote()
    await control.deposit(quote["quoteId"])
    await partner.wait_until(quote, "completed")
    assert await control.requests("submit") == []


async def test_a_scenario_of_one_quote_does_not_affect_others(partner: Partner, control: SandboxControl) -> None:
    special, plain = await partner.quote(), await partner.quote()
    await control.set_scenario("failed_slippage", special["quoteId"])
    for quote, end in ((special, "failed"), (plain, "completed")):
        await partner.submit(quote, await control.deposit(quote["quoteId"]))
        await partner.wait_until(quote, end)
    with pytest.raises(SandboxRefused, match="conflict"):
        await control.set_scenario("happy", special["quoteId"])


async def test_a_scenario_can_be_set_for_one_recipient(partner: Partner, control: SandboxControl) -> None:
    await control.set_scenario("failed_slippage", recipient="spark1special")
    special, plain = await partner.quote({**USDC_TO_BTC, "recipientAddress": "spark1special"}), await partner.quote()
    for quote, end in ((special, "failed"), (plain, "completed")):
        await partner.submit(quote, await control.deposit(quote["quoteId"]))
        await partner.wait_until(quote, end)


async def test_partners_see_a_paused_order_as_processing(partner: Partner, control: SandboxControl) -> None:
    await control.set_scenario("stepped")
    quote = await _paid(control, partner)()
    await control.advance(quote["quoteId"], "paused")
    assert (await partner.order(quote))["status"] == "processing"
    assert (await control.orders())[0]["internalStatus"] == "paused"


async def test_a_stepped_order_moves_only_on_an_admin_call(partner: Partner, control: SandboxControl) -> None:
    await control.set_scenario("stepped")
    quote = await _paid(control, partner)()
    await control.advance_clock(3600)
    assert (await partner.order(quote))["status"] == "processing"
    for status in ("bridging", "swapping", "delivering", "completed"):
        assert (await control.advance(quote["quoteId"]))["status"] == status
    with pytest.raises(SandboxRefused, match="script"):
        await control.advance(quote["quoteId"])


async def test_an_admin_move_off_the_script_drops_the_rest_of_it(partner: Partner, control: SandboxControl) -> None:
    await control.set_scenario("stepped")
    quote = await _paid(control, partner)()
    await control.advance(quote["quoteId"], "swapping")
    order = await control.advance(quote["quoteId"], "failed", errorCode="target_unmet", errorMessage="Short")
    assert (order["errorCode"], order["errorMessage"]) == ("target_unmet", "Short")
    assert order["plan"] == []


async def test_an_admin_move_to_a_later_status_skips_the_steps_between(
    partner: Partner, control: SandboxControl
) -> None:
    await control.set_scenario("stepped")
    quote = await _paid(control, partner)()
    order = await control.advance(quote["quoteId"], "delivering")
    assert order["plan"] == ["completed"]
    assert [stage["name"] for stage in order["stages"]] == ["deposit_confirmed", "swept", "bridged", "swapped"]


async def test_a_forbidden_admin_move_is_refused_and_recorded(partner: Partner, control: SandboxControl) -> None:
    await control.set_scenario("stepped")
    quote = await _paid(control, partner)()
    await control.advance(quote["quoteId"], "bridging")
    with pytest.raises(SandboxRefused, match="forbidden_move"):
        await control.advance(quote["quoteId"], "confirming")
    [violation] = await control.violations()
    assert (violation["from"], violation["to"]) == ("bridging", "confirming")
    assert (await partner.order(quote))["status"] == "bridging"


async def test_a_scenario_that_violates_the_table_stops_and_is_recorded(tmp_path: Path) -> None:
    file = tmp_path / "more.toml"
    file.write_text(
        """
        default = "back"
        [[scenarios]]
        name = "back"
        description = "Goes back."
        [[scenarios.steps]]
        follow = "swapping"
        [[scenarios.steps]]
        status = "unfulfilled"
        """
    )
    async with running_sandbox(step_seconds=0, scenario_file=file) as (base_url, control):
        partner = Partner(base_url)
        async with partner.http:
            quote = await _paid(control, partner)()
            [violation] = await eventually(control.violations, lambda violations: len(violations) == 1)
            assert (violation["from"], violation["to"]) == ("swapping", "unfulfilled")
            assert (await partner.order(quote))["status"] == "swapping"


async def test_the_faults_of_a_scenario_hit_its_quote_only(tmp_path: Path) -> None:
    file = tmp_path / "more.json"
    file.write_text(
        '{"scenarios": [{"name": "busy", "description": "Status is busy.",'
        ' "faults": [{"endpoint": "status", "kind": "error", "status": 500, "code": "internal_error"}]}]}'
    )
    async with running_sandbox(step_seconds=0, scenario_file=file) as (base_url, control):
        partner = Partner(base_url)
        async with partner.http:
            busy, spared = await partner.quote(), await partner.quote()
            await control.set_scenario("busy", busy["quoteId"])
            await control.set_scenario("busy", spared["quoteId"])
            await control.set_scenario("happy", spared["quoteId"])
            assert (await partner.status(quoteId=spared["quoteId"])).status_code == 404
            other = await _paid(control, partner)()
            await partner.wait_until(other, "completed")
            await partner.submit(busy, await control.deposit(busy["quoteId"]))
            assert code_of(await partner.status(quoteId=busy["quoteId"])) == (500, "internal_error")
            assert (await partner.status(quoteId=busy["quoteId"])).status_code == 200


@pytest.mark.parametrize(
    ("content", "named"),
    [
        ("{", "more.json"),
        ('{"scenarios": [{"name": "x"}]}', "description"),
        ('{"scenarios": [{"name": "x", "description": "", "steps": [{"status": "done"}]}]}', "status"),
        ('{"default": "nowhere"}', "nowhere"),
        ('{"scenaros": []}', "scenaros"),
    ],
)
def test_an_error_about_a_scenario_file_names_the_field(tmp_path: Path, content: str, named: str) -> None:
    file = tmp_path / "more.json"
    file.write_text(content)
    with pytest.raises(ScenarioError, match=named):
        load_scenarios(file)


async def test_a_refusal_of_an_unknown_scenario_lists_the_known_ones(control: SandboxControl) -> None:
    with pytest.raises(SandboxRefused, match="failed_slippage"):
        await control.set_scenario("nowhere")


async def test_each_move_has_a_later_time_even_without_a_pause() -> None:
    async with running_sandbox(step_seconds=0) as (base_url, control):
        partner = Partner(base_url)
        async with partner.http:
            await partner.wait_until(await _paid(control, partner)(), "completed")
            [order] = await control.orders()
            times = [move["at"] for move in order["moves"]]
            assert times == sorted(set(times))


async def test_the_script_does_not_repeat_a_step_taken_by_hand() -> None:
    async with running_sandbox(step_seconds=600) as (base_url, control):
        partner = Partner(base_url)
        async with partner.http:
            quote = await _paid(control, partner)()
            await control.advance_clock(500)
            await control.advance(quote["quoteId"])
            await control.advance_clock(300)
            assert await _moves(control) == ["processing", "bridging"]
            await control.advance_clock(600)
            await partner.wait_until(quote, "swapping")
