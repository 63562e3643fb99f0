"""`ORCHESTRA_*` can be set in a file `.env`; the environment overrides it."""

import os
from pathlib import Path

import pytest

from baton.settings import PartnerAccount, Settings, SettingsError, load_accounts
from tests.paths import ROOT


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in [name for name in os.environ if name.startswith(("ORCHESTRA_", "BATON_"))]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def default() -> PartnerAccount:
    return load_accounts(Settings())["default"]


def test_the_account_can_be_in_the_file_with_other_variables(folder: Path) -> None:
    (folder / ".env").write_text(
        "POSTGRES_PASSWORD=x\nORCHESTRA_API_KEY=fn_file\nORCHESTRA_WEBHOOK_SECRET='one,two'\nORCHESTRA_CHECK_ROUTES=no\n"
    )

    assert default().api_key.get_secret_value() == "fn_file"
    assert [secret.get_secret_value() for secret in default().webhook_secrets] == ["one", "two"]
    assert not default().check_routes


def test_the_environment_overrides_the_file_unless_it_is_empty(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / ".env").write_text("ORCHESTRA_API_KEY=fn_file\n")

    monkeypatch.setenv("ORCHESTRA_API_KEY", "fn_environment")
    assert default().api_key.get_secret_value() == "fn_environment"
    monkeypatch.setenv("ORCHESTRA_API_KEY", "")
    assert default().api_key.get_secret_value() == "fn_file"


def test_a_file_that_is_not_text_is_reported_without_its_content(folder: Path) -> None:
    (folder / ".env").write_bytes(b"ORCHESTRA_API_KEY=fn_\xff\xfe\n")

    with pytest.raises(SettingsError, match=r"^\.env cannot be read: it is not text$"):
        default()


def test_with_a_partners_file_the_env_file_is_not_used(folder: Path) -> None:
    (folder / ".env").write_text("ORCHESTRA_API_KEY=fn_file\n")
    (folder / "partners.toml").write_text('[accounts.shop]\napi_key = "fn_shop"\ncheck_routes = false\n')

    accounts = load_accounts(Settings(partners_file=folder / "partners.toml"))

    assert list(accounts) == ["shop"]
    assert accounts["shop"].api_key.get_secret_value() == "fn_shop"
    assert not accounts["shop"].check_routes


def test_a_secret_of_the_environment_replaces_a_file_of_the_env_file(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / ".env").write_text((ROOT / ".env.example").read_text(encoding="utf-8"))
    monkeypatch.setenv("ORCHESTRA_API_KEY", "fn_environment")
    monkeypatch.setenv("ORCHESTRA_WEBHOOK_SECRET", "qk41environment")

    account = default()

    assert (account.api_key.get_secret_value(), account.api_key_file) == ("fn_environment", None)
    assert [secret.get_secret_value() for secret in account.webhook_secrets] == ["qk41environment"]


def test_a_file_of_the_environment_replaces_a_secret_of_the_env_file(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / ".env").write_text("ORCHESTRA_API_KEY=fn_file\n")
    (folder / "key").write_text("fn_of_a_file\n")
    monkeypatch.setenv("ORCHESTRA_API_KEY_FILE", "key")

    assert default().api_key.get_secret_value() == "fn_of_a_file"
