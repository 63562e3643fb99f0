"""Secrets in settings and in files: how they are read, refused, and followed while a process runs."""

import logging
import os
from pathlib import Path

import pytest
from pydantic import SecretStr

from baton.redaction import redacted
from baton.secret_values import SecretValue
from baton.setting_values import LARGEST_SECRET, SettingsError
from baton.settings import Settings, load_settings, secret_fields
from baton.stale_settings import stale_settings

NAME = "BATON_SOME_TOKEN"
OLD, NEW = "Qw8eR2tY6uI1oP5aS9dF", "Zx3cV7bN4mL0kJ6hG2fD"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "token"
    file.write_text(f"{OLD}\n")
    return file


def followed(file: Path) -> SecretValue:
    return SecretValue(NAME, file=file, pause=0)


@pytest.mark.parametrize("field", secret_fields())
def test_every_secret_setting_may_be_in_a_file_instead(field: str, tmp_path: Path) -> None:
    value, file = "a" * 40, tmp_path / "secret"
    file.write_text(f"{value}\r\n", encoding="utf-8-sig")
    assert Settings(**{f"{field}_file": file}).secret(field).current() == value
    with pytest.raises(
        SettingsError, match=rf"^BATON_{field.upper()} and BATON_{field.upper()}_FILE: give one of them"
    ):
        Settings(**{field: SecretStr(value), f"{field}_file": file}).secret(field)


def test_a_changed_file_is_read_again(file: Path) -> None:
    secret = followed(file)
    assert secret.current() == OLD
    file.write_text(NEW)
    assert secret.current() == NEW
    assert NEW not in redacted(f"it is {NEW}")
    assert OLD not in redacted(f"it was {OLD}")


def test_a_file_behind_a_link_that_moves_is_read_again(tmp_path: Path) -> None:
    for name, value in (("first", OLD), ("second", NEW)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "token").write_text(value)
        os.utime(tmp_path / name / "token", (1, 1))
    (tmp_path / "data").symlink_to("first")
    secret = followed(tmp_path / "data" / "token")
    assert secret.current() == OLD
    (tmp_path / "next").symlink_to("second")
    (tmp_path / "next").rename(tmp_path / "data")
    assert secret.current() == NEW


def test_a_file_is_looked_at_once_a_second_or_when_asked(file: Path) -> None:
    secret = SecretValue(NAME, file=file, pause=3600)
    file.write_text(NEW)
    assert secret.current() == OLD
    assert secret.current(now=True) == NEW


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"", "is empty"),
        (b" \n", "is empty"),
        (b"x" * (LARGEST_SECRET + 1), "is larger than 64 KiB"),
        (b"\xff\xfe", "not text"),
    ],
    ids=["empty", "blank", "too large", "binary"],
)
def test_a_file_that_breaks_leaves_the_secret_as_it_was(
    file: Path, content: bytes, complaint: str, caplog: pytest.LogCaptureFixture
) -> None:
    secret = followed(file)
    file.write_bytes(content)
    with caplog.at_level(logging.INFO):
        assert [secret.current(), secret.current()] == [OLD, OLD]
    assert [record.levelname for record in caplog.records] == ["ERROR"]
    assert f"{NAME} stays as it was: {NAME}_FILE: {file} {complaint}"[:-8] in caplog.text
    assert complaint in stale_settings()[NAME]
    file.write_text(NEW)
    assert secret.current() == NEW
    assert NAME not in stale_settings()


@pytest.mark.parametrize("make", [Path.mkdir, lambda _: None], ids=["folder", "missing"])
def test_a_file_that_cannot_be_read_is_named_with_its_setting(tmp_path: Path, make: object) -> None:
    file = tmp_path / "token"
    assert callable(make)
    make(file)
    with pytest.raises(SettingsError, match=rf"^{NAME}_FILE: {file} cannot be read: "):
        followed(file)


def test_a_pipe_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    pipe = tmp_path / "token"
    os.mkfifo(pipe)
    with pytest.raises(SettingsError, match=f"^{NAME}_FILE: {pipe} is a pipe; write the secret into a file"):
        followed(pipe)


def test_a_process_keeps_secrets_out_of_its_log_that_it_does_not_use(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BATON_PAGE_KEY", "Rr5tG8hB2nM4vC7xZ1qW9eD3")
    monkeypatch.setenv("BATON_METRICS_TOKEN_FILE", str(file))
    load_settings()
    assert redacted(f"Rr5tG8hB2nM4vC7xZ1qW9eD3 and {OLD}") == "[secret] and [secret]"


def test_a_secret_of_several_lines_is_refused_and_not_shown(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text(f"{OLD}\n{NEW}\n")
    with pytest.raises(SettingsError, match=r"^BATON_METRICS_TOKEN: holds more than one line") as refused:
        Settings(metrics_token_file=file).secret("metrics_token")
    assert OLD not in str(refused.value)


def test_a_secret_shows_nothing_of_itself(file: Path) -> None:
    assert repr(followed(file)) == f"SecretValue({NAME!r})"


def test_a_ledger_url_and_its_password_are_kept_apart(file: Path) -> None:
    url = "postgresql://baton@db:5432/ledger"
    ledger = Settings(ledger_url=url, ledger_password_file=file).ledger
    assert ledger == url
    assert OLD not in repr(ledger)


@pytest.mark.parametrize(
    ("url", "complaint"),
    [
        ("postgresql://baton:xYz8@db/ledger", "BATON_LEDGER_URL holds a password beside BATON_LEDGER_PASSWORD"),
        ("", "set BATON_LEDGER_URL to a PostgreSQL database"),
    ],
    ids=["two passwords", "SQLite"],
)
def test_a_password_that_the_ledger_url_has_no_use_for_is_refused(file: Path, url: str, complaint: str) -> None:
    with pytest.raises(SettingsError, match=complaint):
        _ = Settings(ledger_url=url, ledger_password_file=file).ledger
