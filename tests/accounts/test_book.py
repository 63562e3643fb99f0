"""The partner accounts follow their files, and stay as they are if a file cannot be read."""

import asyncio
import logging
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from baton.accounts.book import AccountBook
from baton.settings import PartnerAccount, Settings, SettingsError, load_accounts
from tests.eventually import eventually

KEY = "fn_first_secret_key"
NEXT = "fn_second_secret_key"


def settings_of(folder: Path, text: str) -> Settings:
    """Return settings whose partners file holds this text."""
    (folder / "partners.toml").write_text(text)
    return Settings(partners_file=folder / "partners.toml")


def key_of(book: AccountBook, name: str = "main") -> str:
    return book[name].api_key.get_secret_value()


def table(name: str = "main", **fields: str | float) -> str:
    """Return the table of one account."""
    return f"[accounts.{name}]\n" + "".join(f"{field} = {value!r}\n" for field, value in fields.items())


def test_a_changed_key_counts_from_the_next_check_on(tmp_path: Path) -> None:
    settings = settings_of(tmp_path, table(api_key=KEY))
    book = AccountBook(settings, pause=0)
    assert key_of(book) == KEY
    settings_of(tmp_path, table(api_key=NEXT))
    assert key_of(book) == NEXT


def test_added_and_removed_accounts_are_logged_by_name_only(tmp_path: Path) -> None:
    settings = settings_of(tmp_path, table(api_key=KEY) + table("old"))
    book = AccountBook(settings, pause=0)
    settings_of(tmp_path, table(api_key=NEXT) + table("new"))
    with capture_logs() as lines:
        assert sorted(book) == ["main", "new"]
    assert [(line["added"], line["removed"], line["changed"]) for line in lines] == [(["new"], ["old"], ["main"])]
    assert NEXT not in str(lines)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (f'[accounts.main]\napi_key = "{NEXT}', "partners.toml"),
        ("", "contains no [accounts.NAME] table"),
        ("accounts = 3", "contains no [accounts.NAME] table"),
        ("[accounts]\nmain = 3", "accounts.main: is not a table"),
        (table(api_key=NEXT, reads_per_second=-1), "accounts.main: reads_per_second"),
        (table(api_key=NEXT, tracking="pigeons"), "accounts.main: tracking"),
        (table(api_key_file="nowhere.key"), "nowhere.key cannot be read"),
    ],
)
def test_an_unreadable_file_leaves_the_accounts_and_is_logged_once(tmp_path: Path, text: str, complaint: str) -> None:
    book = AccountBook(settings_of(tmp_path, table(api_key=KEY)), pause=0)
    settings_of(tmp_path, text)
    with capture_logs() as lines:
        assert [key_of(book) for _ in range(5)] == [KEY] * 5
    assert [line["log_level"] for line in lines] == ["error"]
    assert complaint in lines[0]["event"]
    assert NEXT not in str(lines)
    settings_of(tmp_path, table(api_key=NEXT))
    assert key_of(book) == NEXT


def test_a_missing_file_keeps_the_accounts(tmp_path: Path) -> None:
    settings = settings_of(tmp_path, table(api_key=KEY))
    book = AccountBook(settings, pause=0)
    (tmp_path / "partners.toml").unlink()
    assert key_of(book) == KEY


def test_unreadable_accounts_at_the_start_are_an_error(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="contains no"):
        AccountBook(settings_of(tmp_path, ""))


def test_an_account_that_fails_the_check_changes_nothing(tmp_path: Path) -> None:
    def check(account: PartnerAccount) -> None:
        if account.api_key.get_secret_value() == NEXT:
            raise SettingsError("account main: not this one")

    book = AccountBook(settings_of(tmp_path, table(api_key=KEY)), check=check, pause=0)
    settings_of(tmp_path, table(api_key=NEXT))
    assert key_of(book) == KEY


def test_the_files_are_checked_at_most_once_in_a_pause(tmp_path: Path) -> None:
    book = AccountBook(settings_of(tmp_path, table(api_key=KEY)), pause=3600)
    settings_of(tmp_path, table(api_key=NEXT))
    assert key_of(book) == KEY
    book.refresh()
    assert key_of(book) == NEXT


def test_a_key_and_secrets_can_be_in_files_of_their_own(tmp_path: Path) -> None:
    (tmp_path / "key").write_text(f"{KEY}\n")
    (tmp_path / "secrets").write_text("whsec_one\nwhsec_two,whsec_three\n")
    book = AccountBook(settings_of(tmp_path, table(api_key_file="key", webhook_secrets_file="secrets")), pause=0)
    assert key_of(book) == KEY
    secrets = [secret.get_secret_value() for secret in book["main"].webhook_secrets]
    assert secrets == ["whsec_one", "whsec_two", "whsec_three"]
    (tmp_path / "next").write_text(NEXT)
    (tmp_path / "next").replace(tmp_path / "key")
    assert key_of(book) == NEXT


def test_webhook_secrets_may_be_registered_after_the_start(tmp_path: Path) -> None:
    book = AccountBook(settings_of(tmp_path, table(api_key=KEY, webhook_secrets_file="secrets")), pause=0)
    assert book["main"].webhook_secrets == []
    (tmp_path / "secrets").write_text("whsec_one\n")
    assert [secret.get_secret_value() for secret in book["main"].webhook_secrets] == ["whsec_one"]


def test_webhook_secrets_whose_file_vanishes_stay(tmp_path: Path) -> None:
    (tmp_path / "secrets").write_text("whsec_one\n")
    book = AccountBook(settings_of(tmp_path, table(api_key=KEY, webhook_secrets_file="secrets")), pause=0)
    (tmp_path / "secrets").unlink()
    with capture_logs() as lines:
        assert [len(book["main"].webhook_secrets) for _ in range(3)] == [1, 1, 1]
    assert ["does not exist any more" in line["event"] for line in lines] == [True]


def test_a_folder_of_webhook_secrets_that_is_missing_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="nowhere/secrets cannot be read"):
        load_accounts(settings_of(tmp_path, table(api_key=KEY, webhook_secrets_file="nowhere/secrets")))


@pytest.mark.parametrize(
    ("fields", "complaint"),
    [
        ({"api_key": KEY, "api_key_file": "key"}, "give api_key or api_key_file, not both"),
        ({"webhook_secrets": "whsec_one", "webhook_secrets_file": "key"}, "give webhook_secrets or"),
        ({"api_key_file": "empty"}, "empty is empty"),
        ({"api_key_file": "binary"}, "binary cannot be read: it is not text"),
    ],
)
def test_an_unusable_secret_file_is_named(tmp_path: Path, fields: dict[str, str], complaint: str) -> None:
    (tmp_path / "key").write_text(KEY)
    (tmp_path / "empty").write_text("\n")
    (tmp_path / "binary").write_bytes(b"\xff\xfe\xfd")
    with pytest.raises(SettingsError, match=complaint) as raised:
        load_accounts(settings_of(tmp_path, table(**fields)))
    assert KEY not in str(raised.value)


def test_the_account_of_the_environment_follows_its_files_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "key").write_text(KEY)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ORCHESTRA_API_KEY_FILE", str(tmp_path / "key"))
    monkeypatch.setenv("ORCHESTRA_TRACKING", "sse")
    monkeypatch.delenv("ORCHESTRA_API_KEY", raising=False)
    book = AccountBook(Settings(), pause=0)
    assert (key_of(book, "default"), book["default"].tracking) == (KEY, "sse")
    (tmp_path / "key").write_text(NEXT)
    assert key_of(book, "default") == NEXT


def test_an_unknown_tracking_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ORCHESTRA_TRACKING", "pigeons")
    with pytest.raises(SettingsError, match="ORCHESTRA_TRACKING: "):
        load_accounts(Settings())


async def test_a_change_is_logged_even_without_a_lookup(tmp_path: Path) -> None:
    book = AccountBook(settings_of(tmp_path, table(api_key=KEY)), pause=0)
    watching = asyncio.create_task(book.watch(every=0.01))
    with capture_logs() as lines:
        settings_of(tmp_path, "nonsense")

        async def errors() -> list[str]:
            return [line["event"] for line in lines if line["log_level"] == "error"]

        await eventually(errors)
    watching.cancel()


def test_an_account_prints_no_secret(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    book = AccountBook(settings_of(tmp_path, table(api_key=KEY, webhook_secrets="whsec_private")), pause=0)
    logging.getLogger("test").warning("accounts: %r %s", book["main"], dict(book))
    assert KEY not in caplog.text
    assert "whsec_private" not in caplog.text
