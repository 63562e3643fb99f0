"""The tokens file as `baton token new` writes it: the gateway reads it, and what people wrote stays."""

from pathlib import Path

import pytest

from baton.accounts.tokens import TokenBook, TokenEntry, hash_of, new_token
from baton.cli.errors import CommandFailed
from baton.cli.files.tokens import add_token

TOKEN = new_token()
ENTRY = TokenEntry(hash=hash_of(TOKEN), accounts=["default"], verbs=["read", "place"])


def test_a_new_token_is_known_to_the_gateway_and_not_in_the_file(tmp_path: Path) -> None:
    file = tmp_path / "home" / "tokens.toml"
    add_token(file, "shop", ENTRY)
    caller = TokenBook(file).authenticate(f"Bearer {TOKEN}")
    assert (caller.name, caller.own_accounts, caller.verbs) == ("shop", ["default"], {"read", "place"})
    assert TOKEN not in file.read_text()
    assert file.stat().st_mode & 0o077 == 0


def test_what_the_file_has_already_stays_as_it_was_written(tmp_path: Path) -> None:
    file = tmp_path / "tokens.toml"
    add_token(file, "shop", ENTRY)
    before = file.read_text() + "# ask Anna before deleting this\n"
    file.write_text(before)
    add_token(file, "desk", ENTRY.model_copy(update={"hash": hash_of("another token")}))
    assert file.read_text().startswith(before.rstrip())
    assert TokenBook(file).names() == ["desk", "shop"]


def test_a_name_that_is_taken_is_refused_with_the_remedy(tmp_path: Path) -> None:
    file = tmp_path / "tokens.toml"
    add_token(file, "shop", ENTRY)
    with pytest.raises(CommandFailed, match=r"delete \[tokens.shop\]"):
        add_token(file, "shop", ENTRY)


def test_a_folder_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("a file")
    with pytest.raises(CommandFailed, match=r"home/tokens\.toml cannot be written"):
        add_token(tmp_path / "home" / "tokens.toml", "shop", ENTRY)
