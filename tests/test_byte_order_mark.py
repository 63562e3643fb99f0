"""A file that an editor began with a byte order mark is read like any other."""

import codecs
import os
from pathlib import Path

import pytest

from baton.chains.catalogue import load_chains
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
