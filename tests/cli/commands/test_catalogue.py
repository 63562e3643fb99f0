"""`baton routes` and `baton limits`: what can be ordered, kept for an hour."""

import json
import time
from pathlib import Path

import pytest

from baton.cli.route_file import route_file
from baton.cli.views.catalogue_view import Pair, Wanted, pairs
from baton.orchestra.rules.routes import RouteCatalogue, RouteList
from tests.cli.command import Baton
from tests.cli.partner import asked, beside_sandbox


def kept_file(baton: Baton) -> Path:
    return route_file(baton.folder / ".baton", baton.environment["ORCHESTRA_BASE_URL"])


async def test_routes_are_found_by_their_ends_and_by_text(alone: Baton) -> None:
    async with beside_sandbox(alone) as (baton, _):
        (one,) = (await baton("routes", "--from", "base:USDC", "--to", "spark:BTC", "--json")).lines
        from_base = (await baton("routes", "--from", "BASE", "--json")).lines
        searched = (await baton("routes", "--search", "tron:", "--json")).lines

    assert one == {
        "source": "base:USDC",
        "destination": "spark:BTC",
        "exact_out": False,
        "fixed": False,
        "source_decimals": 6,
        "destination_decimals": 8,
    }
    assert {line["source"].partition(":")[0] for line in from_base} == {"base"}
    assert searched
    assert all("tron:" in f"{line['source']} {line['destination']}" for line in searched)


async def test_without_a_filter_people_see_each_asset_once(alone: Baton) -> None:
    async with beside_sandbox(alone) as (baton, _):
        overview = (await baton("routes")).out
        routes = (await baton("routes", "--from", "base:USDC")).out

    assert sum(line.split()[:1] == ["base:USDC"] for line in overview.splitlines()) == 1
    assert sum(line.split()[:1] == ["base:USDC"] for line in routes.splitlines()) > 5


async def test_the_list_is_asked_for_once_an_hour(alone: Baton) -> None:
    async with beside_sandbox(alone) as (baton, control):
        for _ in range(3):
            assert (await baton("routes")).code == 0
        assert await asked(control, "routes") == 1
        file = kept_file(baton)
        old = json.loads(file.read_text()) | {"fetchedAt": time.time() - 3601}
        file.write_text(json.dumps(old))
        assert (await baton("routes")).code == 0
        assert await asked(control, "routes") == 2
        assert (await baton("routes", "--refresh")).code == 0
        assert await asked(control, "routes") == 3


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b'{"fetchedAt": "x", "kind": "assets", "list": {}}', b'{"fetchedAt": 1e99}', b"\xff\xfe"],
)
async def test_a_file_that_cannot_be_read_is_fetched_anew(alone: Baton, content: bytes) -> None:
    async with beside_sandbox(alone) as (baton, control):
        await baton("routes")
        kept_file(baton).write_bytes(content)
        assert (await baton("routes")).code == 0
        assert await asked(control, "routes") == 2
    assert json.loads(kept_file(baton).read_text())["list"]["assets"]


async def test_a_list_of_another_api_is_not_taken(alone: Baton) -> None:
    async with beside_sandbox(alone) as (first, _):
        await first("routes")
    async with beside_sandbox(alone) as (second, control):
        await second("routes")
        assert await asked(control, "routes") == 1
    assert kept_file(first) != kept_file(second)


async def test_an_old_list_serves_while_a_newer_one_cannot_be_had(alone: Baton) -> None:
    async with beside_sandbox(alone) as (baton, _):
        await baton("routes")
    file = kept_file(baton)
    file.write_text(json.dumps(json.loads(file.read_text()) | {"fetchedAt": time.time() - 7300}))

    kept, wanted = await baton("routes"), await baton("routes", "--refresh", "--json")

    assert kept.code == 0
    assert "the routes are as of 121 minutes ago" in kept.err
    assert (wanted.code, wanted.error["code"]) == (3, "no_answer")


async def test_a_home_that_cannot_be_written_costs_the_file_only(alone: Baton) -> None:
    (alone.folder / ".baton").mkdir()
    (alone.folder / ".baton" / "routes").write_text("no folder")
    async with beside_sandbox(alone) as (baton, _):
        assert (await baton("routes")).code == 0


async def test_an_api_with_the_older_list_alone_is_understood(alone: Baton) -> None:
    async with beside_sandbox(alone) as (baton, control):
        newer = (await baton("routes", "--json")).lines
        kept_file(baton).unlink()
        await control.fault("routes", "error", status=404, code="not_found", times=1)
        older = (await baton("routes", "--json")).lines
        again = (await baton("routes", "--json")).lines

    assert json.loads(kept_file(baton).read_text())["kind"] == "pairs"
    assert older == again
    assert sorted(older, key=str) == sorted(newer, key=str)


async def test_no_route_is_a_refusal(alone: Baton) -> None:
    async with beside_sandbox(alone) as (baton, _):
        routes = await baton("routes", "--from", "narnia", "--json")
        limits = await baton("limits", "--source-asset", "NOPE", "--json")

    assert (routes.code, routes.error["code"]) == (1, "no_route")
    assert (limits.code, limits.error["code"]) == (1, "no_route")


async def test_limits_are_told_for_the_routes_that_are_named(alone: Baton) -> None:
    named = ("--source-chain", "base", "--source-asset", "USDC", "--destination-chain", "spark")
    async with beside_sandbox(alone) as (baton, _):
        lines = (await baton("limits", *named, "--json")).lines
        table = (await baton("limits", *named, "--destination-asset", "BTC")).out

    assert {line["destination_chain"] for line in lines} == {"spark"}
    (btc,) = [line for line in lines if line["destination_asset"] == "BTC"]
    bounds = btc["limits"]["exact_in"]["request_amount"]
    assert int(bounds["min_amount_smallest"]) < int(bounds["max_amount_smallest"])
    assert "0.8 USDC" in table
    assert "0.80 to 90300.00" in table


def test_both_generations_of_the_list_yield_the_same_routes() -> None:
    ends = {"sourceChain": "a", "sourceAsset": "X", "destinationChain": "b", "destinationAsset": "Y"}
    older = RouteList.model_validate({"routes": [{**ends, "exactOutEligible": True, "fixedEligible": False}]})
    assets = [
        {"id": "a:X", "chain": "a", "asset": "X", "decimals": 1, "route": {"to": "all", "exactOutTo": ["b:Y"]}},
        {"id": "b:Y", "chain": "b", "asset": "Y", "decimals": 1},
    ]
    newer = RouteCatalogue.model_validate({"assets": assets})

    assert list(pairs(older)) == list(pairs(newer)) == [Pair("a:X", "b:Y", True, False)]


def test_a_chain_stands_for_all_of_its_assets_and_for_no_other_chain() -> None:
    pair = Pair("base:USDC", "spark:BTC", None, None)

    assert Wanted("base", "spark", "usdc").holds(pair)
    assert not Wanted("bas", None, None).holds(pair)
    assert not Wanted(None, "spark:USDB", None).holds(pair)
