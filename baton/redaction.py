"""Keeps secrets out of texts that come from outside: errors of APIs, nodes and databases, and every line of the log.

Whoever is given a secret registers it with `remember`. The errors of `baton.orchestra`, `baton.chains`, `baton.ledger`
and `baton.temporal` pass their texts through `redacted`, and so does the log.

A server may repeat a secret in part, in capitals, or in a code: percent codes, escapes of JSON and HTML, base64, hex.
So a text is compared after decoding, and piece by piece.
"""

import base64
import binascii
import re
from collections.abc import Iterable, Iterator
from string import ascii_lowercase, ascii_uppercase
from urllib.parse import unquote, unquote_plus, urlsplit

BLANK = "[secret]"
"""What stands in place of a secret."""

_SHORTEST = 8
"""Characters; a shorter secret could be part of an ordinary word, which would be blanked out too."""
_PIECE = 8
"""Characters of the pieces by which a part of a secret is recognised."""
_CODED_PIECE = 12
"""The same for a secret in base64 or hex; shorter ones could be part of another hash."""
_ROUNDS = 3
"""How often codes within codes are decoded."""
_PLAIN_WORD = re.compile(r"[A-Z]?[a-z._-]{0,15}|[A-Z._-]{0,16}")
_CODE = re.compile(
    r"\\+u(?P<json>[0-9a-f]{4})|\\+x(?P<c>[0-9a-f]{2})|%(?P<url>[0-9a-f]{2})"
    r"|&#x0*(?P<html>[0-9a-f]{1,4});|&#0*(?P<decimal>[0-9]{1,4});|\\+(?P<other>[/\"'nrtbf])",
    re.IGNORECASE,
)
_MAY_HAVE_CODE = re.compile(r"[\\%]|&#")
_SEPARATORS = re.compile(r"[\s,;:=&\"']+")
_LOWER = str.maketrans(ascii_uppercase, ascii_lowercase)
"""Unlike `str.lower`, it keeps the number of characters."""
_SLICE = 4096
"""Characters that are decoded at a time: decoding is slow, and few parts of a long text need it."""
_SLICES = re.compile(rf".{{1,{_SLICE - 1}}}(?:[\s,\"'<>{{}}]|$)|.{{1,{_SLICE}}}", re.DOTALL)

Span = tuple[str, int, int]
"""A decoded character, and where its code begins and ends in the text."""


class Redactor:
    """Blanks out secrets. More can be added at any time; none is forgotten, because answers may repeat old ones."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._whole: dict[str, None] = {}
        self._pieces: set[str] = set()
        self._probes: dict[str, None] = {}
        self.add(*secrets)

    def add(self, *secrets: str) -> None:
        """Add secrets, such as a key, or a header that consists of a scheme and a key."""
        for word in {word for secret in secrets for word in _words(secret) if len(word) >= _SHORTEST}:
            codes = list(_encodings(word))
            telling = [piece.translate(_LOWER) for piece in _pieces(word, _PIECE) if _is_telling(piece)]
            runs = [telling, *(_pieces(code, _CODED_PIECE) for code in codes)]
            # New objects each time: the log of another thread may be reading the old ones.
            whole = dict.fromkeys([word.translate(_LOWER), *codes])
            self._whole = self._whole | whole
            self._pieces = self._pieces.union(*runs)
            # Every longer part contains one of these, so that most texts are done with a few searches.
            probes = dict.fromkeys(piece for run in runs for piece in [*run[::_PIECE], *run[-1:]])
            self._probes = self._probes | probes | whole

    def add_url(self, url: str) -> None:
        """Add what may be secret in a URL: password, query, fragment and parts of the path, but no ordinary words."""
        try:
            parts = urlsplit(url)
            userinfo, _, _ = parts.netloc.rpartition("@")
            found = [*userinfo.split(":"), *parts.path.split("/"), *re.split("[&;=]", parts.query), parts.fragment]
        except ValueError:  # not a URL, so it may be anything
            found = [url]
        words = {word for part in found for word in (part, unquote(part), unquote_plus(part))}
        self.add(*(word for word in words if not _PLAIN_WORD.fullmatch(word)))

    def redacted(self, text: str) -> str:
        """Return the text with `BLANK` in place of each secret, and of each part of one with 16 characters or more."""
        if len(text) > _SLICE:
            return "".join(self.redacted(part) for part in _SLICES.findall(text))
        decoded = (_decode(text) if _MAY_HAVE_CODE.search(text) else text).translate(_LOWER)
        if not any(map(decoded.__contains__, self._probes)):
            return text
        spans = _spans(text)
        marked = self._mark("".join(char for char, _, _ in spans).translate(_LOWER))
        return _blank(text, spans, marked)

    def redacted_bytes(self, content: bytes) -> bytes:
        """Return the bytes of a text in UTF-8 or another code that contains ASCII, as `redacted` does."""
        return self.redacted(content.decode("latin-1")).encode("latin-1")

    def _mark(self, decoded: str) -> list[bool]:
        """Return for each character whether it belongs to a secret."""
        marked = [False] * len(decoded)
        for size in (_PIECE, _CODED_PIECE):
            for start, piece in enumerate(_pieces(decoded, size)):
                if piece in self._pieces:
                    marked[start : start + size] = [True] * size
        for whole in self._whole:
            for match in re.finditer(re.escape(whole), decoded):
                marked[match.start() : match.end()] = [True] * len(whole)
        return marked


def _pieces(text: str, size: int) -> list[str]:
    return [text[start : start + size] for start in range(len(text) - size + 1)]


def _is_telling(piece: str) -> bool:
    """Whether a piece shows that a secret is there; a space at its end may belong to the text around."""
    return piece == piece.strip() and not _PLAIN_WORD.fullmatch(piece)


def _words(secret: str) -> Iterator[str]:
    """Yield a secret, its words, and both as they look where their UTF-8 is read as Latin-1."""
    words = [secret.strip(), *secret.split(), *_parts(secret)]
    yield from words
    yield from (word.encode(errors="replace").decode("latin-1") for word in words if not word.isascii())


def _parts(secret: str) -> Iterator[str]:
    """Yield the values in a header such as `Digest name="value"`; of a Basic authorization its user and password."""
    scheme, _, rest = secret.strip().partition(" ")
    yield from (part for part in _SEPARATORS.split(secret) if not _PLAIN_WORD.fullmatch(part))
    if scheme.lower() == "basic":
        try:
            yield from base64.b64decode(rest, validate=True).decode("ascii").split(":", 1)
        except (binascii.Error, UnicodeDecodeError):
            return


def _encodings(word: str) -> Iterator[str]:
    """Yield a word in hex, and in base64 as it looks at each place of a longer text."""
    content = word.encode(errors="replace")
    yield content.hex()
    for before in range(3):
        code = base64.b64encode(bytes(before) + content).decode().rstrip("=")
        # The first and the last characters also depend on what stands beside the word.
        core = code[-(-before * 8 // 6) : (before + len(content)) * 8 // 6].lower()
        yield from {core, core.replace("+", "-").replace("/", "_")}


def _decode(text: str) -> str:
    for _ in range(_ROUNDS):
        decoded = _CODE.sub(_character, text)
        if decoded == text:
            break
        text = decoded
    return text


def _character(code: re.Match[str]) -> str:
    if (other := code["other"]) is not None:
        return other if other in "/\"'" else " "
    if (number := code["decimal"]) is not None:
        return chr(int(number))
    return chr(int(next(filter(None, (code["json"], code["c"], code["url"], code["html"]))), 16))


def _spans(text: str) -> list[Span]:
    """Return the decoded characters of a text with their places."""
    spans = [(char, place, place + 1) for place, char in enumerate(text)]
    for _ in range(_ROUNDS):
        decoded, position = [], 0
        for code in _CODE.finditer("".join(char for char, _, _ in spans)):
            decoded += spans[position : code.start()]
            decoded.append((_character(code), spans[code.start()][1], spans[code.end() - 1][2]))
            position = code.end()
        if not position:
            break
        spans = decoded + spans[position:]
    return spans


def _blank(text: str, spans: list[Span], marked: list[bool]) -> str:
    parts: list[str] = []
    kept_from, hidden = 0, False
    for (_, start, end), mark in zip(spans, marked, strict=True):
        if mark and not hidden:
            parts += [text[kept_from:start], BLANK]
        if mark:
            kept_from = end
        hidden = mark
    return "".join([*parts, text[kept_from:]])


_LOGIN = re.compile(r"^([a-zA-Z][a-zA-Z0-9+.-]*://)?.*@", re.DOTALL)


def without_login(url: str) -> str:
    """Return a URL without user and password, however it is written; for the error that refuses it."""
    return _LOGIN.sub(r"\1", url)


_PROCESS = Redactor()


def remember(*secrets: str) -> None:
    """Register secrets of this process: keys, passwords, headers."""
    _PROCESS.add(*secrets)


def remember_url(url: str) -> None:
    """Register what may be secret in a URL."""
    _PROCESS.add_url(url)


def redacted(text: str) -> str:
    """Return a text without the registered secrets."""
    return _PROCESS.redacted(text)


def redacted_bytes(content: bytes) -> bytes:
    """Return the bytes of a text without the registered secrets."""
    return _PROCESS.redacted_bytes(content)
