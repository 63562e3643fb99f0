"""`baton webhook`: endpoints at Orchestra, their secrets where the settings read them, and test deliveries."""

import os
import stat
from pathlib import Path

import pytest

from baton.cli.commands.webhook import endpoint_url
from baton.cli.errors import CommandFailed
from baton.settings import Settings, load_accounts
from tests.cli.command import Baton
from tests.cli.partner import beside_sandbox, calls_to
from tests.end_to_end.world import SECRET, World

URL = "https://baton.example.com"


WHERE = "/webhooks/orchestra/default"


def mode_of(file: Path) -> int:
    return stat.S_IMODE(file.stat().st_mode)


def secrets_in(file: Path) -> list[str]:
    """Return the secrets that the settings read from an env file in the working directory."""
    before = Path.cwd()
    os.chdir(file.parent)
    try:
        return [secret.get_secret_value() for secret in load_accounts(Settings())["default"].webhook_secrets]
    finally:
        os.chdir(before)


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    """Remove all settings from the environment of the tests themselves."""
    for name in [name for name in os.environ if name.startswith(("ORCHESTRA_", "BATON_"))]:
        monkeypatch.delenv(name)


async def test_a_registered_secret_is_shown_once_and_saved_for_the_settings(alone: Baton) -> None:
    async with beside_sandbox(alone) as (baton, _):
        answer = await baton("webhook", "register", "--url", URL)
        listed = await baton("webhook", "list", "--json")

    file = baton.folder / ".env"
    (secret,) = secrets_in(file)
    assert answer.code == 0
    assert answer.out.count(secret) == 1
    assert mode_of(file) == 0o600
    (endpoint,) = listed.lines
    assert (endpoint["url"], endpoint["enabled"]) == (URL + WHERE, True)
    assert endpoint["id"] in answer.out
    assert secret not in listed.out


async def test_json_output_has_the_secret_only_with_show_secret(alone: Baton) -> None:
    async with beside_sandbox(alone) as (baton, _):
        silent = await baton("webhook", "register", "--url", URL, "--json")
        shown = await baton("webhook", "register", "--url", URL, "--json", "--show-secret")

    second, first = secrets_in(baton.folder / ".env")
    assert first not in silent.out + silent.err
    assert shown.json["secret"] == second
    assert shown.json["secrets"] == 2


async def test_a_new_secret_is_added_and_replace_drops_the_old_one(alone: Baton) -> None:
    file = alone.folder / ".env"
    file.write_text("# mine\nBATON_LOG_LEVEL=debug\nORCHESTRA_WEBHOOK_SECRET=whsec_old\nOTHER='a b'\n")
    file.chmod(0o644)
    async with beside_sandbox(alone) as (baton, _):
        await baton("webhook", "register", "--url", URL)
        new, old = secrets_in(file)
        assert old == "whsec_old"
        assert file.read_text().startswith("# mine\nBATON_LOG_LEVEL=debug\nORCHESTRA_WEBHOOK_SECRET=")
        assert file.read_text().endswith("\nOTHER='a b'\n")
        assert mode_of(file) == 0o600

        await baton("webhook", "register", "--url", URL, "--replace")
        (newest,) = secrets_in(file)
        assert newest not in (new, old)


async def test_a_secret_in_the_environment_stays_valid_with_a_warning(alone: Baton) -> None:
    async with beside_sandbox(alone) as (baton, _):
        answer = await baton("webhook", "register", "--url", URL, ORCHESTRA_WEBHOOK_SECRET="whsec_exported")

    assert secrets_in(baton.folder / ".env")[1:] == ["whsec_exported"]
    assert "unset it there" in answer.err


async def test_an_unsaved_secret_is_shown_with_the_remedy(alone: Baton) -> None:
    (alone.folder / "taken").mkdir()
    for place in ("taken", "missing/.env"):
        async with beside_sandbox(alone) as (baton, _):
            people = await baton("webhook", "register", "--url", URL, "--env-file", place)
            programs = await baton("webhook", "register", "--url", URL, "--env-file", place, "--json")
            assert len((await baton("webhook", "list", "--json")).lines) == 2

        assert (people.code, programs.code) == (1, 1)
        assert "whsec_" in people.out
        assert "by hand" in people.err
        assert programs.json["secret"].startswith("whsec_")
        assert programs.error["code"] == "secret_not_saved"


async def test_a_lost_reply_does_not_register_a_second_endpoint(alone: Baton) -> None:
    async with beside_sandbox(alone) as (baton, control):
        await control.fault("webhooks", "reset", times=1)
        registered = await baton("webhook", "register", "--url", URL, "--json", "--show-secret")
        listed = await baton("webhook", "list", "--json")

    assert registered.code == 0
    assert len(listed.lines) == 1
    assert secrets_in(baton.folder / ".env") == [registered.json["secret"]]


@pytest.mark.parametrize(
    ("url", "remedy"),
    [("baton.example.com", "write a URL"), ("http://baton.example.com", "use https"), ("ftp://x", "write a URL")],
)
async def test_an_invalid_or_unencrypted_webhook_url_is_wrong_usage(alone: Baton, url: str, remedy: str) -> None:
    async with beside_sandbox(alone) as (baton, control):
        answer = await baton("webhook", "register", "--url", url, "--json")
        assert await calls_to(control, "webhooks") == 0

    assert answer.code == 2
    assert remedy in answer.error["message"]


async def test_a_custom_webhook_path_is_kept(alone: Baton) -> None:
    async with beside_sandbox(alone) as (baton, _):
        answer = await baton("webhook", "register", "--url", f"{URL}/in/orchestra", "--json")
    assert answer.json["url"] == f"{URL}/in/orchestra"


async def test_an_endpoint_is_removed_only_after_confirmation(alone: Baton) -> None:
    async with beside_sandbox(alone) as (baton, _):
        webhook_id = (await baton("webhook", "register", "--url", URL, "--json")).json["webhook_id"]
        unconfirmed = await baton("webhook", "remove", webhook_id, "--json")
        assert (await baton("webhook", "list", "--json")).lines[0]["enabled"]
        removed = await baton("webhook", "remove", webhook_id, "--yes", "--json")
        assert not (await baton("webhook", "list", "--json")).lines[0]["enabled"]
        unknown = await baton("webhook", "remove", "wh_nobody", "--yes", "--json")

    assert (unconfirmed.code, unconfirmed.error["code"]) == (2, "unconfirmed")
    assert removed.json == {"account": "default", "webhook_id": webhook_id, "removed": True}
    assert (unknown.code, unknown.error["code"]) == (1, "not_found")


async def test_a_refused_api_key_is_named_in_the_error(alone: Baton) -> None:
    async with beside_sandbox(alone) as (baton, _):
        answer = await baton("webhook", "list", "--json", ORCHESTRA_API_KEY="nothing")

    assert answer.code == 1
    assert "ORCHESTRA_API_KEY" in answer.error["message"]


PARTNERS = """# Our accounts
[accounts.shop]  # the web shop
base_url = "{url}"
# keys live in the vault
webhook_secrets = [
    "whsec_one",  # until May
    "whsec_two",
]
api_key = "fn_sandbox"

[accounts.default]
base_url = "{url}"
api_key = "fn_sandbox"
"""


async def test_a_partners_file_account_gets_a_secrets_file_and_keeps_comments(alone: Baton) -> None:
    partners = alone.folder / "partners.toml"
    async with beside_sandbox(alone) as (baton, _):
        partners.write_text(PARTNERS.format(url=baton.environment["ORCHESTRA_BASE_URL"]))
        partners.chmod(0o640)
        options = ("--account", "shop", "--json", "--show-secret")
        environment = {"BATON_PARTNERS_FILE": str(partners)}
        first = await baton("webhook", "register", "--url", URL, *options, **environment)
        again = await baton("webhook", "register", "--url", URL, *options, "--replace", **environment)

    assert first.json["url"].endswith("/webhooks/orchestra/shop")
    assert first.json["secrets"] == 3
    account = load_accounts(Settings(partners_file=partners))["shop"]
    assert [secret.get_secret_value() for secret in account.webhook_secrets] == [again.json["secret"]]
    file = partners.with_name("partners.shop.secrets")
    assert (mode_of(file), mode_of(partners)) == (0o600, 0o640)
    assert partners.read_text() == (
        PARTNERS.format(url=account.base_url)
        .replace('webhook_secrets = [\n    "whsec_one",  # until May\n    "whsec_two",\n]', "")
        .replace("vault\n\n", 'vault\nwebhook_secrets_file = "partners.shop.secrets"\n')
    )


async def test_an_unsupported_partners_file_is_refused_before_registering(alone: Baton) -> None:
    partners = alone.folder / "partners.toml"
    async with beside_sandbox(alone) as (baton, control):
        url = baton.environment["ORCHESTRA_BASE_URL"]
        partners.write_text(f'[accounts]\nshop = {{base_url = "{url}", api_key = "fn_sandbox"}}\n')
        environment = {"BATON_PARTNERS_FILE": str(partners)}
        answer = await baton("webhook", "register", "--url", URL, "--account", "shop", "--json", **environment)
        assert await calls_to(control, "webhooks") == 0

    assert answer.code == 2
    assert "webhook_secrets_file" in answer.error["message"]


def delivering(world: World, *secrets: str) -> dict[str, str]:
    return {"ORCHESTRA_WEBHOOK_SECRET": ",".join(secrets)}


async def test_a_test_delivery_is_accepted_and_starts_no_workflow(world: World, alone: Baton) -> None:
    url = f"{world.gateway_url}{WHERE}"
    answer = await alone("webhook", "test", "--url", url, "--json", **delivering(world, SECRET))

    assert answer.code == 0
    assert answer.json["accepted"]
    newest = (await world.ledger.deliveries(limit=1))[0]
    assert (newest.event, newest.detail, newest.workflow_id) == ("webhook.test", "test", None)


async def test_a_test_delivery_is_sent_for_each_secret(world: World, alone: Baton) -> None:
    environment = delivering(world, SECRET, "whsec_unknown_to_the_gateway")
    people = await alone("webhook", "test", "--url", world.gateway_url, **environment)
    programs = await alone("webhook", "test", "--url", world.gateway_url, "--json", **environment)

    assert (people.code, programs.code) == (1, 1)
    assert [delivery["accepted"] for delivery in programs.json["deliveries"]] == [True, False]
    assert programs.error["code"] == "mismatch"
    assert "restart it" in people.out
    assert SECRET not in people.out + programs.out


async def test_an_unreachable_gateway_exits_with_3(alone: Baton) -> None:
    environment = {"ORCHESTRA_WEBHOOK_SECRET": "whsec_x", "BATON_GATEWAY_PORT": "1"}
    answer = await alone("webhook", "test", "--json", **environment)

    assert (answer.code, answer.error["code"]) == (3, "gateway_unreachable")
    assert answer.json["url"] == f"http://127.0.0.1:1{WHERE}"


async def test_webhook_test_refuses_an_unknown_account_and_needs_a_secret(world: World, alone: Baton) -> None:
    elsewhere = f"{world.gateway_url}/webhooks/orchestra/nobody"
    refused = await alone("webhook", "test", "--url", elsewhere, "--json", **delivering(world, SECRET))
    without = await alone("webhook", "test", "--json")

    assert (refused.code, refused.error["code"]) == (1, "unknown_account")
    assert (without.code, without.error["code"]) == (2, "no_secret")


@pytest.mark.parametrize("path", ["", "/", "/webhooks/orchestra/default", "/webhooks/orchestra/default/"])
def test_a_url_is_registered_without_a_slash_at_its_end(path: str) -> None:
    plain = "https://baton.example.com/webhooks/orchestra/default"

    assert endpoint_url(f"https://baton.example.com{path}", "default") == plain


@pytest.mark.parametrize("url", ["https://ada:Tr8xQ2vLp9wK@baton.example.com", "http://ada:Tr8xQ2vLp9wK@[", "//x@y"])
def test_a_url_that_is_refused_is_shown_without_its_password(url: str) -> None:
    with pytest.raises(CommandFailed, match="write a URL such as https:") as refused:
        endpoint_url(url, "default")
    assert "Tr8xQ2vLp9wK" not in refused.value.message
