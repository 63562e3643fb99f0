"""`baton routes` and `baton limits`: what can be ordered, cached for an hour."""

import json
import time
from pathlib import Path

import pytest

from baton.cli.files.route_cache import cache_file
from tests.cli.command import Baton
from tests.cli.partner import beside_sandbox, calls_to


def cache_of(baton: Baton) -> Path:
    return cache_file(baton.folder / ".baton", baton.environment["ORCHESTRA_BASE_URL"])


async def test_routes_are_filtered_by_ends_and_text(alone: Baton) -> None:
    async with beside_sandbox(alone) as (baton, _):
        (line,) = (await baton("routes", "--from", "base:USDC", "--to", "spark:BTC", "--json")).lines
        from_base = (await baton("routes", "--from", "BASE", "--json")).lines
        searched = (await baton("routes", "--search", "tron:", "--json")).lines

    assert line == {
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


async def test_routes_without_a_filter_list_each_asset_once(alone: Baton) -> None:
    async with beside_sandbox(alone) as (baton, _):
        overview = (await baton("routes")).out
        routes = (await baton("routes", "--from", "base:USDC")).out

    assert sum(line.split()[:1] == ["base:USDC"] for line in overview.splitlines()) == 1
    assert sum(line.split()[:1] == ["base:USDC"] for line in routes.splitlines()) > 5


async def test_the_route_list_is_fetched_once_an_hour(alone: Baton) -> None:
    async with beside_sandbox(alone) as (baton, control):
        for _ in range(3):
            assert (await baton("routes")).code == 0
        assert await calls_to(control, "routes") == 1
        file = cache_of(baton)
        old = json.loads(file.read_text()) | {"fetchedAt": time.time() - 3601}
        file.write_text(json.dumps(old))
        assert (await baton("routes")).code == 0
        assert await calls_to(control, "routes") == 2
        assert (await baton("routes", "--refresh")).code == 0
        assert await calls_to(control, "routes") == 3


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b'{"fetchedAt": "x", "kind": "assets", "list": {}}', b'{"fetchedAt": 1e99}', b"\xff\xfe"],
)
async def test_an_unreadable_cache_file_is_fetched_again(alone: Baton, content: bytes) -> None:
    async with beside_sandbox(alone) as (baton, control):
        await baton("routes")
        cache_of(baton).write_bytes(content)
        assert (await baton("routes")).code == 0
        assert await calls_to(control, "routes") == 2
    assert json.loads(cache_of(baton).read_text())["list"]["assets"]


async def test_each_base_url_has_its_own_route_cache(alone: Baton) -> None:
    async with beside_sandbox(alone) as (first, _):
        await first("routes")
    async with beside_sandbox(alone) as (second, control):
        await second("routes")
        assert await calls_to(control, "routes") == 1
    assert cache_of(first) != cache_of(second)


async def test_an_old_route_list_is_used_when_fetching_fails(alone: Baton) -> None:
    async with beside_sandbox(alone) as (baton, _):
        await baton("routes")
    file = cache_of(baton)
    file.write_text(json.dumps(json.loads(file.read_text()) | {"fetchedAt": time.time() - 7300}))

    plain, refreshed = await baton("routes"), await baton("routes", "--refresh", "--json")

    assert plain.code == 0
    assert "the routes are 121 minutes old" in plain.err
    assert (refreshed.code, refreshed.error["code"]) == (3, "no_answer")


async def test_an_unwritable_home_only_skips_the_route_cache(alone: Baton) -> None:
    (alone.folder / ".baton").mkdir()
    (alone.folder / ".baton" / "routes").write_text("no folder")
    async with beside_sandbox(alone) as (baton, _):
        assert (await baton("routes")).code == 0


async def test_the_older_route_list_gives_the_same_routes(alone: Baton) -> None:
    async with beside_sandbox(alone) as (baton, control):
        newer = (await baton("routes", "--json")).lines
        cache_of(baton).unlink()
        await control.fault("routes", "error", status=404, code="not_found", times=1)
        older = (await baton("routes", "--json")).lines
        again = (await baton("routes", "--json")).lines

    assert json.loads(cache_of(baton).read_text())["kind"] == "pairs"
    assert older == again
    assert sorted(older, key=str) == sorted(newer, key=str)


async def test_an_unknown_route_exits_with_1(alone: Baton) -> None:
    async with beside_sandbox(alone) as (baton, _):
        routes = await baton("routes", "--from", "narnia", "--json")
        limits = await baton("limits", "--source-asset", "NOPE", "--json")

    assert (routes.code, routes.error["code"]) == (1, "no_route")
    assert (limits.code, limits.error["code"]) == (1, "no_route")


async def test_limits_are_shown_for_the_given_routes(alone: Baton) -> None:
    route = ("--source-chain", "base", "--source-asset", "USDC", "--destination-chain", "spark")
    async with beside_sandbox(alone) as (baton, _):
        lines = (await baton("limits", *route, "--json")).lines
        table = (await baton("limits", *route, "--destination-asset", "BTC")).out

    assert {line["destination_chain"] for line in lines} == {"spark"}
    (btc,) = [line for line in lines if line["destination_asset"] == "BTC"]
    bounds = btc["limits"]["exact_in"]["request_amount"]
    assert int(bounds["min_amount_smallest"]) < int(bounds["max_amount_smallest"])
    assert "0.8 USDC" in table
    assert "0.80 to 90300.00" in table
