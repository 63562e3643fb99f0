"""Secrets in docker-compose.yml: files that a script makes, and nothing secret in any environment."""

import os
import re
import shutil
import stat
import subprocess
from pathlib import Path

import pytest

from baton.local.sandbox.options import DEFAULT_KEY, DEFAULT_WEBHOOK_SECRET
from tests.deploy.compose_file import OURS, SECRETS, SERVICES, environment_of
from tests.paths import ROOT

FOLDER = ROOT / "deploy" / "secrets"
MADE = {Path(secret["file"]).name for secret in SECRETS.values()}


def new_secrets(folder: Path) -> str:
    script = Path(shutil.copy(FOLDER / "new.sh", folder))
    done = subprocess.run([script], cwd="/", capture_output=True, text=True, check=True)
    return done.stdout


def contents(folder: Path) -> dict[str, str]:
    return {file.name: file.read_text(encoding="utf-8") for file in folder.iterdir() if file.name != "new.sh"}


def test_the_script_makes_every_secret_that_the_file_names(tmp_path: Path) -> None:
    new_secrets(tmp_path)
    made = contents(tmp_path)
    assert set(made) == MADE
    random = [value for name, value in made.items() if name != "orchestra_api_key"]
    assert all(re.fullmatch("[0-9a-f]{64}\n", value) for value in random)
    assert len(set(random)) == len(random)
    assert made["orchestra_api_key"] == "", "only Orchestra can give it"


def test_the_script_says_which_key_a_person_must_write(tmp_path: Path) -> None:
    assert "orchestra_api_key: write your server key into it" in new_secrets(tmp_path)
    (tmp_path / "orchestra_api_key").write_text("fn_live_qk41\n", encoding="utf-8")
    assert "orchestra_api_key" not in new_secrets(tmp_path)


def test_a_second_run_keeps_what_is_there(tmp_path: Path) -> None:
    new_secrets(tmp_path)
    (tmp_path / "orchestra_api_key").write_text("fn_live_qk41\n", encoding="utf-8")
    before = contents(tmp_path)
    new_secrets(tmp_path)
    assert contents(tmp_path) == before


def test_containers_can_read_the_files_and_other_users_cannot(tmp_path: Path) -> None:
    new_secrets(tmp_path)
    modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in tmp_path.iterdir() if file.name != "new.sh"}
    assert set(modes.values()) == {0o644}, "mounted one by one, for containers of several users"
    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o700, "on the host only the owner enters the folder"


def test_git_ignores_the_secrets_and_keeps_the_script() -> None:
    paths = [f"deploy/secrets/{name}" for name in sorted(MADE)]
    command = ["git", "check-ignore", *paths, "deploy/secrets/new.sh"]
    assert subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False).stdout.split() == paths


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_no_environment_holds_a_secret_but_paths_of_files(name: str) -> None:
    environment = SERVICES[name].get("environment", {})
    secret = [key for key in environment if re.search(r"PASSWORD|SECRET|_KEYS?\b|TOKEN|PWD|_KEYS?_", key)]
    assert [key for key in secret if not key.endswith("_FILE")] == []


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_a_service_gets_the_secrets_that_it_names_and_no_other(name: str) -> None:
    named = set(re.findall(r"/run/secrets/(\w+)", " ".join(environment_of(name, {}).values())))
    if name == "prometheus":
        named = {"metrics_token"}
    assert set(SERVICES[name].get("secrets", [])) == named


@pytest.mark.parametrize("name", sorted(OURS - {"sandbox"}))
def test_no_key_is_demanded_where_another_file_is_used(name: str) -> None:
    chosen = environment_of(name, {"ORCHESTRA_API_KEY_FILE": "/etc/baton/key"})
    assert chosen["ORCHESTRA_API_KEY_FILE"] == "/etc/baton/key"
    assert environment_of(name, {"BATON_PARTNERS_FILE": "/etc/baton/p.toml"})["BATON_PARTNERS_FILE"]
    assert "BATON_PARTNERS_FILE" not in environment_of(name, {}), "an empty value would count as a path"


@pytest.mark.parametrize("name", sorted(OURS))
def test_what_baton_writes_is_on_a_volume(name: str) -> None:
    targets = {volume.split(":")[1] for volume in SERVICES[name]["volumes"]}
    environment = environment_of(name, {})
    assert environment.get("BATON_HOME", "/var/lib/baton") in targets
    written = environment.get("ORCHESTRA_WEBHOOK_SECRET_FILE") or environment["BATON_SANDBOX_STATE_FILE"]
    assert str(Path(written).parent) in targets


def test_the_sandbox_has_its_published_key_and_secret() -> None:
    folder = ROOT / "deploy" / "sandbox"
    assert (folder / "api_key").read_text(encoding="utf-8").strip() == DEFAULT_KEY
    assert (folder / "webhook_secret").read_text(encoding="utf-8").strip() == DEFAULT_WEBHOOK_SECRET


def start_server(folder: Path, password: str) -> subprocess.CompletedProcess[str]:
    """Run the wrapper of Temporal's server with an entry point that prints the password."""
    (folder / "password").write_text(password, encoding="utf-8")
    entry = folder / "entrypoint.sh"
    entry.write_text('#!/bin/sh\nprintf "server with %s" "$POSTGRES_PWD"\n', encoding="utf-8")
    entry.chmod(0o755)
    files = {"POSTGRES_PWD_FILE": str(folder / "password"), "TEMPORAL_ENTRY_POINT": str(entry)}
    command = ["sh", str(ROOT / "deploy/temporal/start-server.sh")]
    return subprocess.run(command, env=os.environ | files, capture_output=True, text=True, check=False)


def test_temporals_server_starts_with_the_password_of_its_file(tmp_path: Path) -> None:
    assert start_server(tmp_path, "pw71\n").stdout == "server with pw71"


def test_temporals_server_does_not_start_with_an_empty_password(tmp_path: Path) -> None:
    refused = start_server(tmp_path, "\n")
    assert refused.returncode != 0
    assert "POSTGRES_PWD_FILE is empty" in refused.stderr
