"""Webhook secrets in env files, secrets files and partners files."""

import os
import tomllib
from pathlib import Path

import pytest
from pydantic import SecretStr

from baton.cli.files.webhook_secrets import find_store, name_secrets_file
from baton.settings import PartnerAccount, Settings


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    """Remove all settings from the environment of the tests themselves."""
    for name in [name for name in os.environ if name.startswith(("ORCHESTRA_", "BATON_"))]:
        monkeypatch.delenv(name)


@pytest.mark.parametrize(
    "text",
    [
        'accounts.shop.api_key = "k"\n',
        '[accounts]\nshop = {api_key = "k"}\n',
        "[accounts.shop]\nnote = '''\nwebhook_secrets = 1\n'''\n",
    ],
    ids=["dotted", "inline", "misleading"],
)
def test_an_unsupported_account_table_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"table|value"):
        name_secrets_file(text, "shop", "shop.secrets")


def test_a_table_on_a_last_line_without_newline_is_changed() -> None:
    changed = name_secrets_file("[accounts.'shop']", "shop", "shop.secrets")
    assert tomllib.loads(changed)["accounts"]["shop"] == {"webhook_secrets_file": "shop.secrets"}


def test_an_account_with_its_own_secrets_file_keeps_using_it(tmp_path: Path) -> None:
    file = tmp_path / "secrets"
    file.write_text("whsec_old\n")
    account = PartnerAccount(name="default", webhook_secrets=[SecretStr("whsec_old")], webhook_secrets_file=file)
    store = find_store(Settings(), account, None)

    store.save(["whsec_new", *store.secrets])

    assert file.read_text() == "whsec_new\nwhsec_old\n"


@pytest.mark.parametrize("secret", ["a,b", "a\nb", " a"])
def test_a_secret_with_a_separator_is_not_saved(tmp_path: Path, secret: str) -> None:
    file = tmp_path / "env"
    store = find_store(Settings(), PartnerAccount(name="default"), file)

    with pytest.raises(ValueError, match="separates"):
        store.save([secret])

    assert not file.exists()
