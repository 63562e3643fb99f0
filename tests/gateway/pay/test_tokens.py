"""The token of a payer page: made and read under one key, good for some days, and telling nothing."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from baton.pages.tokens import PageOrder, PageTokens
from baton.secret_values import SecretValue

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
ORDER = PageOrder("default", "invoice-42")


def tokens_of(key: str) -> PageTokens:
    return PageTokens(SecretValue("BATON_PAGE_KEY", key), days=30)


@pytest.fixture
def tokens() -> PageTokens:
    return tokens_of("Wd6sT8uC3pF1xV5lK9aH4eJ7iB2mG0rQ")


def test_a_token_leads_to_its_order_for_its_days(tokens: PageTokens) -> None:
    token = tokens.make(ORDER, NOW)
    assert tokens.read(token, NOW) == ORDER
    assert tokens.read(token, NOW + timedelta(days=29, hours=23)) == ORDER
    assert tokens.read(token, NOW + timedelta(days=31)) is None


def test_an_order_has_the_same_token_all_day(tokens: PageTokens) -> None:
    assert tokens.make(ORDER, NOW) == tokens.make(ORDER, NOW + timedelta(hours=11))


def test_a_token_of_another_key_leads_nowhere(tokens: PageTokens) -> None:
    foreign = tokens_of("a key that somebody else has, as long").make(ORDER, NOW)
    assert tokens.read(foreign, NOW) is None


def test_a_changed_token_leads_nowhere(tokens: PageTokens) -> None:
    token = tokens.make(ORDER, NOW)
    for place in range(len(token)):
        other = "A" if token[place] != "A" else "B"
        assert tokens.read(token[:place] + other + token[place + 1 :], NOW) != PageOrder("default", "invoice-43")
        assert tokens.read(token[:place] + other + token[place + 1 :], NOW) in (None, ORDER)


@pytest.mark.parametrize("text", ["", "x", "ü" * 60, "A" * 64, "A" * 5000, "../" * 20, "=" * 64])
def test_what_is_no_token_leads_nowhere(tokens: PageTokens, text: str) -> None:
    assert tokens.read(text, NOW) is None


def test_a_token_shows_neither_order_nor_length(tokens: PageTokens) -> None:
    short, long = (tokens.make(PageOrder("default", name), NOW) for name in ("a", "abcdefghijk"))
    assert len(short) == len(long)
    assert "abc" not in long


def test_the_longest_reference_fits(tokens: PageTokens) -> None:
    order = PageOrder("a" * 64, "r" * 128)
    assert tokens.read(tokens.make(order, NOW), NOW) == order


def test_links_of_the_older_key_lead_on_while_it_is_kept(tmp_path: Path) -> None:
    older, newer = "Wd6sT8uC3pF1xV5lK9aH4eJ7iB2mG0rQ", "Hb4nY7kP2wE9sX6vT1zR8gL3qM5dJ0fU"
    file = tmp_path / "page_key"
    file.write_text(older)
    tokens = PageTokens(SecretValue("BATON_PAGE_KEY", file=file, pause=0), days=30)
    link = tokens.make(ORDER, NOW)
    file.write_text(f"{newer}\n{older}\n")
    assert tokens.read(link, NOW) == ORDER
    assert tokens.make(ORDER, NOW) == tokens_of(newer).make(ORDER, NOW)
    file.write_text(newer)
    assert tokens.read(link, NOW) is None
