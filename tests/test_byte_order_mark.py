"""A file that an editor began with a byte order mark is read like any other."""

import codecs
import os
from pathlib import Path

import pytest

from baton.chains.catalogue import load_chains
from baton.cli.files.webhook_secrets import find_store
from baton.local.nodes.book import read_nodes
from baton.local.sandbox.scenarios.book import load_scenarios
from baton.orchestra.json_body import parse_json
from baton.settings import PartnerAccount, Settings, load_accounts

MARK = codecs.BOM_UTF8


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in [name for name in os.environ if name.startswith(("ORCHESTRA_", "BATON_"))]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def account(name: str = "default", **settings: object) -> PartnerAccount:
    return load_accounts(Settings(**settings))[name]


def test_a_secret_file_is_read_without_its_mark(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "key").write_bytes(MARK + b"fn_key\n")
    monkeypatch.setenv("ORCHESTRA_API_KEY_FILE", str(folder / "key"))

    assert account().api_key.get_secret_value() == "fn_key"


def test_an_env_file_is_read_without_its_mark(folder: Path) -> None:
    (folder / ".env").write_bytes(MARK + b"ORCHESTRA_API_KEY=fn_file\n")

    assert account().api_key.get_secret_value() == "fn_file"


def test_a_partners_file_is_read_without_its_mark(folder: Path) -> None:
    file = folder / "partners.toml"
    file.write_bytes(MARK + b'[accounts.main]\nbase_url = "https://orchestra.example"\napi_key = "fn_main"\n')

    assert account("main", partners_file=file).api_key.get_secret_value() == "fn_main"


def test_a_chains_file_is_read_without_its_mark(folder: Path) -> None:
    file = folder / "chains.toml"
    file.write_bytes(MARK + b"[chains.base]\nconfirmations = 7\n")

    assert load_chains(file)["base"].confirmations == 7


def test_joined_secret_files_are_read_without_their_marks(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "hooks").write_bytes(MARK + b"whsec_new\n" + MARK + b"whsec_old\n")
    monkeypatch.setenv("ORCHESTRA_WEBHOOK_SECRET_FILE", str(folder / "hooks"))

    assert [secret.get_secret_value() for secret in account().webhook_secrets] == ["whsec_new", "whsec_old"]


def test_a_secret_of_the_environment_is_read_without_its_mark(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ORCHESTRA_WEBHOOK_SECRET", "\ufeffwhsec_new")

    assert [secret.get_secret_value() for secret in account().webhook_secrets] == ["whsec_new"]


@pytest.mark.parametrize("mark", [MARK, b""], ids=["with", "without"])
def test_a_new_secret_joins_those_of_an_env_file_whose_mark_stays(folder: Path, mark: bytes) -> None:
    (folder / ".env").write_bytes(mark + b"ORCHESTRA_WEBHOOK_SECRET=whsec_old\n")
    store = find_store(Settings(), account(), folder / ".env")

    assert store.secrets == ("whsec_old",)
    store.save(["whsec_new", *store.secrets])

    assert (folder / ".env").read_bytes() == mark + b"ORCHESTRA_WEBHOOK_SECRET='whsec_new,whsec_old'\n"


@pytest.mark.parametrize(
    ("name", "content"),
    [("s.toml", b'default = "refunded"\n'), ("s.json", b'{"default": "refunded"}')],
)
def test_a_scenario_file_is_read_without_its_mark(folder: Path, name: str, content: bytes) -> None:
    (folder / name).write_bytes(MARK + content)

    assert load_scenarios(folder / name).default.name == "refunded"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("n.toml", b'[base]\nnode = "anvil"\nurl = "http://127.0.0.1:1"\n'),
        ("n.json", b'{"base": {"node": "anvil", "url": "http://127.0.0.1:1"}}'),
    ],
)
def test_a_file_of_nodes_is_read_without_its_mark(folder: Path, name: str, content: bytes) -> None:
    (folder / name).write_bytes(MARK + content)

    assert read_nodes(folder / name).keys() == {"base"}


def test_an_answer_that_begins_with_a_mark_is_read() -> None:
    assert parse_json(MARK + b'{"id": "ord_1"}') == {"id": "ord_1"}
