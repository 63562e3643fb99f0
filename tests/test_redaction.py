"""No secret is left in a text, however a server spells it, and other texts stay as they are."""

import base64
import json
import threading
import time
from collections.abc import Callable
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from baton.redaction import BLANK, Redactor

KEY = "fn_a1B2c3D4e5F6a7B8c9"


def percent(text: str) -> str:
    return "".join(f"%{ord(char):02X}" for char in text)


def escaped(text: str) -> str:
    return "".join(f"\\u{ord(char):04x}" for char in text)


SPELLINGS: dict[str, Callable[[str], str]] = {
    "plain": str,
    "capitals": str.upper,
    "lower case": str.lower,
    "percent codes": percent,
    "percent codes twice": lambda text: percent(text).replace("%", "%25"),
    "one percent code": lambda text: percent(text[:1]) + text[1:],
    "JSON escapes": escaped,
    "one JSON escape": lambda text: escaped(text[:1]) + text[1:],
    "escapes in JSON in JSON": lambda text: json.dumps(escaped(text))[1:-1],
    "HTML escapes": lambda text: "".join(f"&#{ord(char)};" for char in text),
    "HTML escapes in hex": lambda text: "".join(f"&#x{ord(char):x};" for char in text),
    "hex": lambda text: text.encode().hex(),
    "the first sixteen characters": lambda text: text[:16] + "...",
    "the last sixteen characters": lambda text: "..." + text[-16:],
}


@pytest.mark.parametrize("spelling", SPELLINGS.values(), ids=SPELLINGS.keys())
def test_a_secret_in_any_usual_spelling_is_blanked_out(spelling: Callable[[str], str]) -> None:
    text = f"the key {spelling(KEY)} has no access"
    clean = Redactor([KEY]).redacted(text)
    assert clean.replace("...", "") == f"the key {BLANK} has no access"


@pytest.mark.parametrize("user", ["", "a", "us", "usr", "user"])
@pytest.mark.parametrize("encode", [base64.b64encode, base64.urlsafe_b64encode])
def test_a_secret_within_base64_is_blanked_out(user: str, encode: Callable[[bytes], bytes]) -> None:
    code = encode(f"{user}:{KEY}:more".encode()).decode()
    clean = Redactor([KEY]).redacted(f"Basic {code}")
    assert clean.count(BLANK) == 1
    left_over = clean.removeprefix("Basic ").replace(BLANK, "")
    assert len(code) - len(left_over) >= len(KEY) * 8 // 6 - 2


@pytest.mark.parametrize(
    ("secret", "echo"),
    [
        (f"Bearer {KEY}", f"project {KEY} has no access"),
        (f"Basic {base64.b64encode(f'user:{KEY}'.encode()).decode()}", f"wrong password {KEY}"),
    ],
    ids=["bearer", "basic"],
)
def test_each_word_of_a_header_is_a_secret(secret: str, echo: str) -> None:
    assert Redactor([secret]).redacted(echo) == echo.replace(KEY, BLANK)


@pytest.mark.parametrize(
    "url",
    [
        f"https://rpc.example.com/v3/{KEY}",
        f"https://rpc.example.com/base/?apikey={KEY}&x=1",
        f"https://user:{KEY}@rpc.example.com",
        f"https://{KEY}@rpc.example.com/v3",
    ],
    ids=["path", "query", "password", "user"],
)
def test_the_keys_of_a_url_are_secrets_and_its_words_are_not(url: str) -> None:
    redactor = Redactor()
    redactor.add_url(url)
    assert redactor.redacted(f"no access with {KEY}") == f"no access with {BLANK}"
    assert redactor.redacted("rpc.example.com: user of ethereum") == "rpc.example.com: user of ethereum"


@pytest.mark.parametrize(
    ("url", "secret"),
    [
        (f"https://rpc.example.com/?{KEY}", KEY),
        (f"https://rpc.example.com/v3#{KEY}", KEY),
        (f"https://rpc.example.com/?network=main;{KEY}=1", KEY),
        ("https://rpc.example.com/?key=a1B2c3+D4e5F6g7", "a1B2c3+D4e5F6g7"),
        ("https://rpc.example.com/?key=a1B2c3+D4e5F6g7", "a1B2c3 D4e5F6g7"),
    ],
    ids=["bare query", "fragment", "name in the query", "plus", "plus for a space"],
)
def test_a_key_anywhere_in_a_url_is_a_secret(url: str, secret: str) -> None:
    redactor = Redactor()
    redactor.add_url(url)
    assert redactor.redacted(f"no access with {secret}") == f"no access with {BLANK}"


@pytest.mark.parametrize(
    "header", ['Digest username="me", response="Zz19Qk42mm", v=1', "Token keyId=ab;Zz19Qk42mm;v=12345678"]
)
def test_a_short_value_within_a_header_is_a_secret(header: str) -> None:
    assert Redactor([header]).redacted("Zz19Qk42mm: bad username") == f"{BLANK}: bad username"


@pytest.mark.parametrize("start", range(6))
@pytest.mark.parametrize("encode", [lambda content: base64.b64encode(content).decode(), bytes.hex])
def test_a_part_of_a_coded_secret_is_blanked_out(encode: Callable[[bytes], str], start: int) -> None:
    part = encode(f"user:{KEY}".encode())[5 + start : 30 + start]
    clean = Redactor([KEY]).redacted(f"header {part}... refused")
    assert len(clean) - len(f"header {BLANK}... refused") < 8


def test_base64_in_lines_is_blanked_out_in_each_line() -> None:
    code = base64.encodebytes(b"x" * 42 + KEY.encode() * 2).decode()
    left = Redactor([KEY]).redacted(code).replace(BLANK, "")
    assert len(left) < len(base64.b64encode(b"x" * 42)) + 16


@pytest.mark.parametrize("secret", ["Grüße-aus-Köln-2026!", "пароль-очень-длинный", "correct horse battery staple"])
@pytest.mark.parametrize("spelling", [str, quote, lambda text: json.dumps(text)[1:-1]])
def test_a_password_of_any_letters_is_blanked_out(secret: str, spelling: Callable[[str], str]) -> None:
    redactor, text = Redactor([secret]), f"wrong: {spelling(secret)}."
    assert redactor.redacted(text) == f"wrong: {BLANK}."
    assert redactor.redacted_bytes(text.encode()).decode() == f"wrong: {BLANK}."


def test_an_escaped_password_of_a_url_is_blanked_out_as_it_is() -> None:
    redactor = Redactor()
    redactor.add_url("https://user:p%40ss-w0rd-1@rpc.example.com")
    assert redactor.redacted("wrong: p@ss-w0rd-1, p%40ss-w0rd-1") == f"wrong: {BLANK}, {BLANK}"


@pytest.mark.parametrize(
    "text",
    ["", "100% of \\n it", "BATON_GATEWAY_PORT", "0x" + "ab" * 32, "%zz \\u12 &#x;", "fn_a1", "\\"],
)
def test_a_text_without_a_secret_stays_as_it_is(text: str) -> None:
    assert Redactor([KEY, "whsec_baton_gateway_1", "short"]).redacted(text) == text


@given(st.text(), st.text(), st.sampled_from(list(SPELLINGS.values())))
def test_no_text_around_a_secret_keeps_it(before: str, after: str, spelling: Callable[[str], str]) -> None:
    clean = Redactor([KEY]).redacted(before + spelling(KEY) + after)
    assert KEY.lower() not in clean.lower()
    assert BLANK in clean


@given(st.dictionaries(st.text(), st.text(), max_size=3), st.sampled_from(list(SPELLINGS.values())))
def test_json_with_a_secret_is_still_json(document: dict[str, str], spelling: Callable[[str], str]) -> None:
    text = json.dumps({**document, "message": f"line\n{KEY}\t{spelling(KEY)}\\"})
    assert json.loads(Redactor([KEY, KEY[1:]]).redacted(text)).keys() == {*document, "message"}


def test_a_long_body_is_read_in_parts() -> None:
    body = json.dumps([f"entry {number} {KEY}" for number in range(10_000)]).encode()
    clean = Redactor([KEY]).redacted_bytes(body)
    assert KEY.encode() not in clean
    assert json.loads(clean)[9_999] == f"entry 9999 {BLANK}"


def test_a_body_without_a_secret_is_read_within_milliseconds() -> None:
    redactor = Redactor([f"{KEY}{number}" for number in range(20)])
    body = json.dumps([{"id": f"ord_{number}", "status": "processing"} for number in range(1000)]).encode()
    began = time.process_time()
    assert redactor.redacted_bytes(body) == body
    assert time.process_time() - began < 0.1


def test_secrets_may_be_added_while_another_thread_reads() -> None:
    redactor, failures = Redactor([KEY]), []

    def read() -> None:
        try:
            for _ in range(2000):
                assert redactor.redacted(f"the key {KEY} is odd") == f"the key {BLANK} is odd"
        except Exception as error:
            failures.append(error)

    reader = threading.Thread(target=read)
    reader.start()
    number = 0
    while reader.is_alive():
        redactor.add(f"another_K3y_{number % 50}")
        number += 1
    reader.join()
    assert failures == []
