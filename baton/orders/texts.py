"""The texts that a business gives its orders, addresses and links: one rule for all of them. Pure."""

import unicodedata
from typing import Annotated

from pydantic import AfterValidator, Field

MAX_LABEL = 200
"""Characters of a label."""


def _not_blank(text: str) -> str:
    if not text.strip() or text != text.strip():
        raise ValueError("must not be empty or have spaces around it")
    return text


def _one_line(text: str) -> str:
    if any(unicodedata.category(character) == "Cc" for character in text):
        raise ValueError("must be one line without control characters")
    return text


NotBlank = Annotated[str, AfterValidator(_not_blank)]
Name = Annotated[NotBlank, Field(max_length=64)]
"""Name of a chain or an asset; it becomes part of a search attribute."""

Label = Annotated[NotBlank, Field(max_length=MAX_LABEL), AfterValidator(_one_line)]
"""A label for people, who read it in lists and in terminals."""

Metadata = Annotated[
    dict[
        Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]{1,40}$")],
        Annotated[str, Field(max_length=500, pattern=r"^[^\x00]*$")],
    ],
    Field(max_length=20),
]
"""What the business attaches: at most 20 texts of 500 characters, under names of letters, digits, dots and dashes."""
