"""The example files in deploy/config, and the mount that gives the folder to the services."""

import subprocess
from pathlib import Path

import pytest
import yaml

from baton.accounts.policies import submit_at
from baton.chains.catalogue import watched_chains
from baton.chains.deposits import DepositState
from baton.settings import Settings, load_accounts
from tests.paths import ROOT

CONFIG = ROOT / "deploy" / "config"
SERVICES = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))["services"]


def test_the_example_chains_file_names_two_providers_for_each_chain() -> None:
    chains = watched_chains(CONFIG / "chains.example.toml", None)

    assert {name: len(chain.providers) for name, chain in chains.items()} == {"base": 2, "bitcoin": 2}


def test_the_example_partners_file_works_with_its_secret_files(tmp_path: Path) -> None:
    volumes = {line.split(":")[1] for line in SERVICES["cli"]["volumes"] if not line.endswith(":ro")}
    (volume,) = volumes
    text = (CONFIG / "partners.example.toml").read_text(encoding="utf-8")
    assert f'"{volume}/orchestra_webhook_secrets"' in text, "`baton webhook register` can write there"
    partners = tmp_path / "partners.toml"
    partners.write_text(text.replace(volume, str(tmp_path)), encoding="utf-8")
    (tmp_path / "orchestra_key").write_text("fn_from_a_file\n", encoding="utf-8")
    (tmp_path / "orchestra_webhook_secrets").write_text("whsec_old\nwhsec_new\n", encoding="utf-8")

    accounts = load_accounts(Settings(partners_file=partners))

    assert accounts["default"].api_key.get_secret_value() == "fn_from_a_file"
    assert len(accounts["default"].webhook_secrets) == 2
    assert submit_at(accounts["default"], "bitcoin") is DepositState.SEEN


@pytest.mark.parametrize("name", ["worker", "gateway"])
def test_worker_and_gateway_mount_the_config_folder_read_only(name: str) -> None:
    assert "./deploy/config:/etc/baton:ro" in SERVICES[name]["volumes"]


def test_copies_of_the_examples_are_ignored_by_git() -> None:
    paths = ["deploy/config/chains.toml", "deploy/config/partners.toml", "deploy/config/orchestra_key"]

    ignored = subprocess.run(["git", "check-ignore", *paths], cwd=ROOT, capture_output=True, text=True, check=False)
    committed = subprocess.run(
        ["git", "check-ignore", "deploy/config/chains.example.toml"], cwd=ROOT, capture_output=True, check=False
    )

    assert ignored.stdout.split() == paths
    assert committed.returncode == 1
