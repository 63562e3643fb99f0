"""A bad character in a text never costs the message; anything else that is not JSON is refused."""

import pytest

from baton.orchestra.json_body import parse_json


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (rb'{"a": "Coffee \ud83d"}', "Coffee �"),
        (rb'{"a": "\ude00x\ud83d\ud83d\ude00"}', "�x�\U0001f600"),
        (rb'{"a": "\ud83d\\"}', "�\\"),
    ],
)
def test_a_lone_surrogate_becomes_a_replacement_character(body: bytes, text: str) -> None:
    assert parse_json(body) == {"a": text}


@pytest.mark.parametrize(
    ("body", "text"), [(rb'{"a": "\ud83d\ude00"}', "\U0001f600"), (rb'{"a": "\\ud83d"}', "\\ud83d")]
)
def test_a_whole_pair_and_an_escaped_backslash_stay(body: bytes, text: str) -> None:
    assert parse_json(body) == {"a": text}


@pytest.mark.parametrize("body", [b"", b"{", b'{"a": NaN}', rb'{"a": NaN, "b": "\ud83d"}', b"[" * 10_000])
def test_what_is_no_json_is_refused(body: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_json(body)
