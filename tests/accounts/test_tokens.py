"""The tokens of the order API: who a header stands for, and what happens when the file changes."""

from pathlib import Path

import pytest
from pydantic import SecretStr

from baton.accounts.tokens import Forbidden, TokenBook, Unauthenticated, Verb, hash_of, new_token
from baton.settings import Settings, SettingsError

TOKEN = new_token()


def written(file: Path, *, name: str = "shop", token: str = TOKEN, accounts: str = '"default"') -> Path:
    file.write_text(f'[tokens.{name}]\nhash = "{hash_of(token)}"\naccounts = [{accounts}]\nverbs = ["read", "place"]\n')
    return file


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return written(tmp_path / "tokens.toml")


def test_a_token_stands_for_its_name_accounts_and_verbs(file: Path) -> None:
    caller = TokenBook(file).authenticate(f"Bearer {TOKEN}")
    assert (caller.name, caller.own_accounts, caller.usual_account) == ("shop", ["default"], "default")
    caller.require(Verb.PLACE)
    with pytest.raises(Forbidden, match=r"does not have the verb decide; .* \[tokens.shop\]"):
        caller.require(Verb.DECIDE)
    with pytest.raises(Forbidden, match="does not cover the account 'other'"):
        caller.require_account("other")


def test_a_token_of_one_account_needs_not_name_it(tmp_path: Path) -> None:
    book = TokenBook(written(tmp_path / "tokens.toml", accounts='"euro"'))
    assert book.authenticate(f"Bearer {TOKEN}").usual_account == "euro"


# The token is random, so it names no test: processes that share the tests must find the same ones.
@pytest.mark.parametrize(
    "header",
    [None, "", "Bearer", "Bearer ", f"Basic {TOKEN}", TOKEN],
    ids=["none", "empty", "scheme", "scheme and space", "another scheme", "no scheme"],
)
def test_a_request_without_a_token_is_refused(file: Path, header: str | None) -> None:
    with pytest.raises(Unauthenticated) as refused:
        TokenBook(file).authenticate(header)
    assert refused.value.code == "token_missing"


@pytest.mark.parametrize(
    "token",
    [TOKEN[:-1], f"{TOKEN}x", TOKEN.upper(), hash_of(TOKEN), "\udcff"],
    ids=["shorter", "longer", "upper case", "its hash", "half a character"],
)
def test_a_token_that_is_not_exactly_the_one_is_refused(file: Path, token: str) -> None:
    with pytest.raises(Unauthenticated) as refused:
        TokenBook(file).authenticate(f"Bearer {token}")
    assert refused.value.code == "token_unknown"
    assert token not in str(refused.value)


def test_without_tokens_the_refusal_says_how_to_make_one(tmp_path: Path) -> None:
    book = TokenBook.of(Settings(home=tmp_path))
    with pytest.raises(Unauthenticated, match="`baton token new NAME`"):
        book.authenticate(f"Bearer {TOKEN}")


def test_a_token_is_revoked_by_editing_the_file(file: Path) -> None:
    book = TokenBook(file, pause=0)
    book.authenticate(f"Bearer {TOKEN}")
    written(file, name="other", token=new_token())
    with pytest.raises(Unauthenticated):
        book.authenticate(f"Bearer {TOKEN}")
    assert book.names() == ["other"]


def test_a_file_that_appears_later_is_read(tmp_path: Path) -> None:
    file = tmp_path / "tokens.toml"
    book = TokenBook(file, required=False, pause=0)
    assert book.names() == []
    written(file)
    assert book.authenticate(f"Bearer {TOKEN}").name == "shop"


def test_a_file_that_breaks_keeps_the_tokens_as_they_were(file: Path) -> None:
    book = TokenBook(file, pause=0)
    file.write_text("[tokens.shop\n")
    assert book.authenticate(f"Bearer {TOKEN}").name == "shop"
    written(file, name="renamed")
    assert book.authenticate(f"Bearer {TOKEN}").name == "renamed"


def test_the_token_of_the_environment_may_do_everything(tmp_path: Path) -> None:
    book = TokenBook.of(Settings(home=tmp_path, api_token=SecretStr(TOKEN)))
    caller = book.authenticate(f"Bearer {TOKEN}")
    assert (caller.name, caller.own_accounts) == ("default", None)
    caller.require(Verb.OPERATE)


def test_a_short_token_of_the_environment_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="BATON_API_TOKEN: has less than 20 characters"):
        TokenBook.of(Settings(home=tmp_path, api_token=SecretStr("secret")))


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("tokens = 1", r"contains no \[tokens.NAME\] table"),
        ('[tokens.shop]\naccounts = ["a"]\nverbs = ["read"]', "tokens.shop: hash: Field required"),
        (f'[tokens.shop]\nhash = "{hash_of("x")}"\naccounts = []\nverbs = ["fly"]', "accounts: .*; verbs.0: "),
    ],
)
def test_a_wrong_tokens_file_names_the_entry_and_the_field(tmp_path: Path, text: str, complaint: str) -> None:
    file = tmp_path / "tokens.toml"
    file.write_text(text)
    with pytest.raises(SettingsError, match=complaint):
        TokenBook(file)


def test_a_missing_file_that_is_named_says_how_to_make_it(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="No such file or directory; make it with `baton token new NAME`"):
        TokenBook.of(Settings(tokens_file=tmp_path / "none.toml"))
