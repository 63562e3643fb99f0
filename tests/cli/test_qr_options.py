"""QR codes on the command line: drawn for people, written to files for programs, never shown for a paid order."""

import json
import os
import re
import stat
from pathlib import Path

import pytest

from baton.cli.errors import CommandFailed
from baton.cli.qr_options import read_qr_request, write_svg
from baton.cli.views.qr import make_code
from baton.orders.answers import Placement
from tests.cli.command import Baton
from tests.cli.qr_reading import modules_of, read_drawing, read_svg
from tests.cli.terminal import on_a_terminal, plain
from tests.end_to_end.test_onramps import ONRAMP, onramp
from tests.end_to_end.world import World
from tests.eventually import eventually


def uri(placed: Placement) -> str:
    contract = "0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913"
    return f"ethereum:{contract}@8453/transfer?address={placed.deposit_address}&uint256={placed.amount_in}"


async def test_a_narrow_terminal_gets_a_smaller_quiet_zone(world: World, baton: Baton) -> None:
    placed = await world.place()

    code, screen = await on_a_terminal(baton, "show", placed.reference, "--qr", TERM="xterm", COLUMNS="46")

    whole = modules_of(uri(placed))
    assert code == 0
    assert read_drawing(plain(screen)) == [row[2:-2] for row in whole[2:-2]]


async def test_start_places_an_order_and_draws_its_code(world: World, baton: Baton) -> None:
    document = world.document()

    started = await baton("start", "--file", "-", "--qr", stdin=json.dumps(document))

    placed = await world.baton.place(document)
    assert started.code == 0
    assert "\nDeposit\n" in started.out
    assert read_drawing(started.out) == modules_of(uri(placed))


async def test_qr_svg_writes_the_code_beside_the_json_output(world: World, baton: Baton) -> None:
    started = await baton("start", "--file", "-", "--qr-svg", "code.svg", "--json", stdin=json.dumps(world.document()))

    file = baton.folder / "code.svg"
    assert (started.code, "error" in started.json) == (0, False)
    assert read_svg(file.read_text()) == modules_of(uri(Placement.model_validate(started.json)))
    assert stat.S_IMODE(file.stat().st_mode) == 0o644


async def test_show_draws_an_onramp_code_that_opens_the_payment_app(world: World, baton: Baton) -> None:
    placed = await onramp(world)
    assert placed.page is not None
    assert placed.page.deeplink is not None

    shown = await baton("show", placed.reference, "--qr", "--qr-svg", "code.svg")

    assert shown.code == 0
    assert read_drawing(shown.out) == modules_of(placed.page.deeplink)
    assert read_svg((baton.folder / "code.svg").read_text()) == modules_of(placed.page.deeplink)


async def test_a_code_on_a_terminal_is_white_on_black(world: World, baton: Baton) -> None:
    placed = await world.place()

    code, screen = await on_a_terminal(baton, "show", placed.reference, "--qr", TERM="xterm-256color", COLUMNS="100")

    assert code == 0
    colours = re.findall(r"\x1b\[([0-9;]+)m[ ▀▄█]{20,}", screen)
    assert set(colours) == {"38;5;231;48;5;16"}


async def test_a_terminal_too_narrow_for_the_code_exits_with_1(world: World, baton: Baton) -> None:
    placed = await world.place()

    code, screen = await on_a_terminal(baton, "show", placed.reference, "--qr", TERM="xterm", COLUMNS="40")

    assert code == 1
    assert "█" not in screen


async def test_a_token_from_the_chains_file_has_a_payment_uri(world: World, baton: Baton) -> None:
    chains = baton.folder / "chains.toml"
    chains.write_text('[chains.base.tokens.USDC]\ncontract = "0x50c5725949A6F0c72E6C4a641F24049A917DB0Cb"\n')
    placed = await world.place()

    shown = await baton("show", placed.reference, "--qr", BATON_CHAINS_FILE=str(chains))

    own = uri(placed).replace(
        "0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913", "0x50c5725949A6F0c72E6C4a641F24049A917DB0Cb"
    )
    assert read_drawing(shown.out) == modules_of(own)


async def test_a_known_deposit_means_no_code_and_keeps_the_old_file(world: World, baton: Baton) -> None:
    placed = await world.place(scenario="stepped")
    (baton.folder / "code.svg").write_text("older")
    await world.deposit_and_report(placed)

    for_people = await baton("show", placed.reference, "--qr")
    for_programs = await baton("show", placed.reference, "--qr-svg", "code.svg", "--json")

    assert (for_people.code, for_programs.code) == (1, 1)
    assert "\nMoney\n" in for_people.out
    assert for_people.err.startswith("error: no code: a deposit is known already")
    assert for_programs.error["code"] == "no_code"
    assert (baton.folder / "code.svg").read_text() == "older"


async def test_an_order_without_a_code_is_placed_and_printed_anyway(world: World, baton: Baton) -> None:
    recipient = "spark1heldonramp00000000000000000000000000000000000000000000000"
    await world.sandbox.set_scenario("onramp_review_rejected", recipient=recipient)
    document = json.dumps({**ONRAMP, "recipientAddress": recipient})

    await world.sandbox.hold_webhooks()  # a webhook with the invoice could arrive first
    started = await baton("start", "--file", "-", "--qr-svg", "code.svg", "--json", stdin=document)
    await world.sandbox.release_webhooks()

    assert started.code == 1
    assert started.json["order_id"].startswith("ord_")
    assert started.error["code"] == "no_code"
    assert not (baton.folder / "code.svg").exists()


async def test_an_order_from_the_ledger_has_no_code(world: World, baton: Baton) -> None:
    placed = await world.place()
    await eventually(lambda: world.ledger.order(placed.workflow_id))

    shown = await baton("show", placed.reference, "--qr", TEMPORAL_ADDRESS="127.0.0.1:1")

    assert shown.code == 1
    assert "no code: a deposit may have arrived since; as last recorded" in shown.err
    assert "█" not in shown.out


async def test_qr_with_json_is_wrong_usage(alone: Baton) -> None:
    answer = await alone("show", "invoice-42", "--qr", "--json")

    assert answer.code == 2
    assert "--qr-svg" in answer.error["message"]


async def test_an_invalid_qr_request_is_refused_before_placing_the_order(world: World, baton: Baton) -> None:
    document = world.document()
    (baton.folder / "chains.toml").write_text("[chains.base]\nconfirmations = -1\n")
    for options, environment, complaint in (
        (["--qr-svg", "nowhere/code.svg"], {}, "--qr-svg nowhere/code.svg: name a file in a folder"),
        (["--qr-svg", "."], {}, "--qr-svg .: name a file in a folder"),
        (["--qr"], {"BATON_CHAINS_FILE": "chains.toml"}, "BATON_CHAINS_FILE chains.toml: chains.base: confirmations"),
    ):
        answer = await baton("start", "--file", "-", *options, stdin=json.dumps(document), **environment)
        assert answer.code == 2
        assert answer.err.startswith(f"error: {complaint}")
    assert (await baton("show", document["reference"])).code == 1


def test_a_failed_write_keeps_the_old_svg_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "code.svg"
    file.write_text("older")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(CommandFailed, match="cannot be written: No space left on device"):
        write_svg(make_code("content"), str(file))

    assert [left.read_text() for left in tmp_path.iterdir()] == ["older"]


def test_without_qr_options_no_code_is_requested() -> None:
    assert not read_qr_request(False, None, as_json=True)
