"""The command line itself: help, versions, wrong usage, and what the help imports."""

from typing import get_args

import pytest
from typer.main import get_command

from baton.cli import main
from baton.cli.options import OutcomeName, PhaseName
from baton.orders.models import Outcome, Phase
from tests.cli.command import ROOT, Baton, bare_environment, child

COMMANDS = (
    "start", "show", "watch", "list", "pay-page", "deposit", "decide", "reprice", "resolve", "cancel", "refresh",
    "address", "paylink", "bundle", "estimate", "routes", "limits", "export", "reconcile", "webhook", "endpoint",
    "deliveries", "listen", "token", "payload-key", "affiliate", "hold", "release", "holds", "bulk", "acts",
    "adopt", "close", "health", "rehearse", "size",
    "policy", "ledger", "nexus", "doctor", "up", "demo", "worker", "gateway", "sandbox", "version",
)  # fmt: skip
BULK_VIEWS = {"list", "status", "results", "stop", "resume"}
GROUPS = {
    "webhook": {"register", "list", "remove", "test"},
    "token": {"list", "new"},
    "endpoint": set(["create", "list", "show", "update", "rotate", "remove", "disable", "enable", "test", "secret"]),
    "deliveries": {"list", "show", "redeliver"},
    "affiliate": {"register", "list", "disable", "balance", "claim", "claims", "report"},
    "policy": {"try"},
    "ledger": {"rebuild", "check", "prune", "upgrade", "version", "backup"},
    "payload-key": {"list", "new"},
    "bulk": set(["resolve", "refresh", "cancel", "close", "decide", "redeliver"]) | BULK_VIEWS,
    "nexus": {"endpoint"},
    "address": {"create", "show", "list", "deposits", "refund", "update", "disable", "enable", "resolve"},
    "paylink": {"create", "show", "list", "orders", "update", "disable", "resolve"},
}
HEAVY = ("temporalio", "pydantic", "sqlalchemy", "alembic", "starlette", "structlog")


def test_every_command_has_a_sentence_of_help() -> None:
    group = get_command(main.app)
    commands = getattr(group, "commands", {})

    assert set(commands) == set(COMMANDS)
    for name, members in GROUPS.items():
        assert set(commands[name].commands) == members
        commands = commands | {f"{name} {member}": command for member, command in commands[name].commands.items()}
    for name, command in commands.items():
        assert command.help, name
        assert command.help.splitlines()[0].endswith("."), name


def test_every_command_that_prints_a_result_has_a_json_option() -> None:
    commands = getattr(get_command(main.app), "commands", {})
    members = {f"{name} {member}": command for name in GROUPS for member, command in commands[name].commands.items()}
    every = {name: command for name, command in commands.items() if name not in GROUPS} | members
    with_json = {name for name, command in every.items() if any("--json" in option.opts for option in command.params)}

    assert with_json == set(every) - {"sandbox"}


async def test_help_does_not_import_the_temporal_sdk(alone: Baton) -> None:
    script = "import sys, baton.cli.main; sys.argv = ['baton', '--help']; baton.cli.main.run(); print(*sys.modules)"
    async with child("-c", script, folder=ROOT, environment=bare_environment()) as process:
        out, err = await process.communicate()

    assert err == b""
    help_text, imported = out.decode().rsplit("\n", 2)[:2]
    assert "Exit codes: 0 done" in help_text
    assert "baton.cli.main" in imported.split()
    assert not set(HEAVY) & set(imported.split())


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["lst"], "No such command 'lst'. Did you mean 'list'"),
        (["show"], "Missing argument 'REF'; see `baton show --help`"),
        (["cancel", "x", "--force"], "No such option: --force"),
        (["list", "--phase", "paid"], "Invalid value for '--phase': 'paid' is not one of 'quoting', "),
        (["list", "--phase", "quotng"], "Invalid value for '--phase': 'quotng' is not one of 'quoting', "),
        (["show", "x", "--acount", "y"], "No such option: --acount. Did you mean --account? See `baton show --help`"),
        (["list", "--limit", "0"], "Invalid value for '--limit': Input should be greater than or equal to 1"),
        (["sandbox", "--port", "no"], "Invalid value for '--port' "),
        (
            ["start"],
            "6 fields are wrong: sourceChain is missing (--source-chain); sourceAsset is missing (--source-asset)",
        ),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
async def test_wrong_usage_exits_with_2_and_one_sentence(alone: Baton, arguments: list[str], complaint: str) -> None:
    for_people = await alone(*arguments)

    assert (for_people.code, for_people.out) == (2, "")
    assert for_people.err.startswith(f"error: {complaint}")
    assert for_people.err.count("\n") == 1
    if arguments[0] != "sandbox":
        for_programs = await alone(*arguments, "--json")
        assert for_programs.code == 2
        assert for_programs.error["message"].startswith(complaint)


async def test_an_invalid_setting_is_wrong_usage(alone: Baton) -> None:
    answer = await alone("list", "--json", BATON_GATEWAY_PORT="high")

    assert answer.code == 2
    assert answer.error["code"] == "invalid_settings"
    assert "BATON_GATEWAY_PORT" in answer.error["message"]


async def test_without_a_command_the_help_is_printed(alone: Baton) -> None:
    answer = await alone()

    assert answer.code == 2
    assert "Usage: baton" in answer.out


async def test_the_version_is_printed(alone: Baton) -> None:
    assert (await alone("--version")).out.startswith("baton ")
    assert set((await alone("version", "--json")).json) == {"baton", "python", "temporalio"}


async def test_the_sandbox_is_part_of_the_command(alone: Baton) -> None:
    help_text, scenarios = await alone("sandbox", "--help"), await alone("sandbox", "scenarios", "--json")

    assert "Usage: baton sandbox" in help_text.out
    assert "happy" in [scenario["name"] for scenario in scenarios.lines]


async def test_starter_runs_the_same_command(alone: Baton) -> None:
    async with child("starter.py", "version", folder=ROOT, environment=bare_environment()) as process:
        out, _ = await process.communicate()
    assert out.decode() == (await alone("version")).out


def test_filter_options_list_every_phase_and_outcome() -> None:
    assert get_args(PhaseName) == tuple(Phase)
    assert get_args(OutcomeName) == tuple(Outcome)
