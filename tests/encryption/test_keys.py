"""The list of payload keys: what it may look like, what is refused, and what happens when its file changes."""

import base64
import hashlib
import os
from pathlib import Path

import pytest

from baton.encryption.keys import InvalidKeys, PayloadKeys, new_key, parse_keys
from baton.redaction import redacted

_KEY = f"a:{base64.b64encode(hashlib.sha256(b'a test').digest()).decode()}"


def key_of(entry: str) -> bytes:
    return base64.b64decode(entry.partition(":")[2])


def test_the_first_key_encrypts_and_all_decrypt() -> None:
    new, old = new_key("new"), new_key("old")
    found = parse_keys(f"# since December\n{new},\n {old}\n", "here")
    assert found.writing == "new"
    assert dict(found.keys) == {"new": key_of(new), "old": key_of(old)}


def test_a_list_that_begins_with_none_only_decrypts() -> None:
    found = parse_keys(f"none,{new_key('a')}", "here")
    assert (found.writing, list(found.keys)) == (None, ["a"])


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "here has no key; make one with `baton payload-key new ID`"),
        ("none", "here has no key"),
        ("a", "here: entry 1 is not of the form ID:KEY"),
        ("A b:AAAA", "here: entry 1 is not of the form ID:KEY"),
        (f"{_KEY},none", "here: entry 2 is not of the form ID:KEY"),
        ("a:AAAA", "here: entry 1: the key 'a' is not 32 bytes in base64"),
        ("none,a:%%%", "here: entry 2: the key 'a' is not 32 bytes in base64"),
        (f"{_KEY}\n{_KEY}", "here: the key id 'a' stands twice"),
    ],
)
def test_a_wrong_list_is_refused_with_its_entry_named(text: str, words: str) -> None:
    with pytest.raises(InvalidKeys) as refused:
        parse_keys(text, "here")
    assert words in str(refused.value)


def test_a_key_that_is_refused_or_used_is_never_shown() -> None:
    entry = new_key("a")
    code = entry.partition(":")[2]
    with pytest.raises(InvalidKeys) as refused:
        parse_keys(f"a:{code[:-8]}", "here")
    assert code[:-8] not in str(refused.value)
    parse_keys(entry, "here")
    assert code not in redacted(f"it was {code}")


@pytest.mark.parametrize("key_id", ["", "none", "Ä", "a b", "x" * 33, "a:b"])
def test_no_key_is_made_under_an_id_that_a_list_could_not_hold(key_id: str) -> None:
    with pytest.raises(InvalidKeys, match="cannot be used"):
        new_key(key_id)


def test_the_environment_names_the_keys_or_none() -> None:
    assert PayloadKeys.from_environment({"BATON_PAYLOAD_KEYS": ""}) is None
    found = PayloadKeys.from_environment({"BATON_PAYLOAD_KEYS": new_key("a")})
    assert found is not None
    assert found.current().writing == "a"
    with pytest.raises(InvalidKeys, match="both set"):
        PayloadKeys.from_environment({"BATON_PAYLOAD_KEYS": "x", "BATON_PAYLOAD_KEYS_FILE": "y"})


def test_a_changed_file_is_read_again_and_a_broken_one_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("baton.encryption.keys.CHECK_INTERVAL", 0.0)
    file = tmp_path / "keys"
    old = new_key("old")
    file.write_text(old)
    keys = PayloadKeys(file=file)
    file.write_text(f"{new_key('new')}\n{old}\n")
    assert (keys.current().writing, list(keys.current().keys)) == ("new", ["new", "old"])
    file.write_text("broken")
    assert keys.current().writing == "new"
    file.unlink()
    assert keys.current().writing == "new"
    assert [record.levelname for record in caplog.records] == ["ERROR", "ERROR"]
    file.write_text(f"none\n{old}\n")
    os.utime(file, ns=(1, 1))
    assert keys.current().writing is None


def test_a_missing_file_is_refused_by_its_setting(tmp_path: Path) -> None:
    with pytest.raises(InvalidKeys, match=r"BATON_PAYLOAD_KEYS_FILE: .*missing cannot be read: No such file"):
        PayloadKeys(file=tmp_path / "missing")
