"""The client's reference is what the code says today, and it leaves no public name out."""

import re
from typing import Literal

import pytest

import baton
from tests.pages.client_reference import PAGE, REMEDY, methods, page, spelled
from tests.pages.docstrings import attribute_texts, read_docstring


def test_the_page_is_current() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), f"run {REMEDY}"


def test_every_public_name_and_every_method_has_a_heading() -> None:
    text = PAGE.read_text(encoding="utf-8")
    headings = set(re.findall(r"^##+ (\w+)$", text, re.MULTILINE))
    classes = {name for name in baton.__all__ if isinstance(getattr(baton, name), type)}

    assert {name for name, _ in methods()} | classes - {"BlockingBatonClient"} <= headings


def test_every_method_says_what_it_does() -> None:
    assert [name for name, method in methods() if not read_docstring(method.__doc__).text] == []


def test_a_docstring_is_read_in_parts() -> None:
    documented = read_docstring(
        """Place it.

        More of it,
        on two lines.

        Args:
            reference: Its name,
                on two lines.
            limit: How many.

        Raises:
            OrderRefused: No.
        """
    )

    assert documented.text == "Place it.\n\nMore of it, on two lines."
    assert documented.sections == {
        "Args": [("reference", "Its name, on two lines."), ("limit", "How many.")],
        "Raises": [("OrderRefused", "No.")],
    }


def test_the_text_below_a_field_belongs_to_it() -> None:
    assert attribute_texts(baton.OnQuoteExpiry)["REQUOTE"].startswith("Request a new quote")


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (int | None, "int or None"),
        (dict[str, list[int]], "dict[str, list[int]]"),
        (Literal["a", "b"], "'a' or 'b'"),
    ],
)
def test_a_type_is_spelled_in_words(kind: object, words: str) -> None:
    assert spelled(kind) == words
