"""One spelling for each transaction id, whatever a person pasted: capitals, spaces, a link to a block explorer. Pure.

Source: the partner API reference, submit: what identifies a deposit on each chain. Ids of chains without a rule here
are taken as they are.
"""

import re
from collections.abc import Callable

from baton.encoding import base58
from baton.encoding.addresses import EVM_CHAINS

MAX_ID = 200
"""Characters of the longest id of any chain, with room to spare."""

_MAX_TEXT = 2_000
_HEX_ID = re.compile(r"(?<![0-9a-fA-F])(?:0[xX])?([0-9a-fA-F]{64})(?![0-9a-fA-F])")
_HEX = re.compile(r"(?:0[xX])?[0-9a-fA-F]+")
_UUID = re.compile(
    r"(?<![0-9a-f])([0-9a-f]{8})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{12})(?![0-9a-f])",
    re.IGNORECASE,
)
_BASE58_WORD = re.compile(rf"[{base58.ALPHABET}]{{64,90}}")
_OUTPUT = re.compile(r"[0-9a-fA-F]{64}(?::|#vout=|#flow=&vout=)(\d{1,6})(?!\d)")
_SIGNATURE_BYTES = 64


class TransactionIdError(ValueError):
    """The text holds no transaction id of that chain; the message says what one looks like."""


def normal_transaction_id(chain: str, text: str) -> str:
    """Return the transaction id in a text, in the one spelling that its chain's nodes use.

    Args:
        chain: The chain by the API's name.
        text: An id, or a link to one.

    Raises:
        TransactionIdError: The text holds none, or several.
    """
    pasted = text.strip().strip("\u200b\ufeff\"'")
    if not pasted or len(pasted) > _MAX_TEXT:
        raise TransactionIdError(f"a transaction id has 1 to {MAX_ID} characters")
    return _RULES.get(chain, _as_given)(pasted)


def output_in(text: str) -> int | None:
    """Return the output that a text names after a Bitcoin transaction id, as in `txid:1`; None if it names none."""
    named = _OUTPUT.search(text.strip())
    return int(named[1]) if named else None


def same_spelling(transaction_id: str) -> str:
    """Return an id for comparing: hexadecimal ids in lower case and without 0x, since either is the same id."""
    if whole := _HEX_ID.fullmatch(transaction_id):
        return whole[1].lower()
    has_case = not (_HEX.fullmatch(transaction_id) or _UUID.fullmatch(transaction_id))
    return transaction_id if has_case else transaction_id.lower()


def spellings_in(text: str) -> list[str]:
    """Return the transaction ids that a text may be or contain, each as `same_spelling` writes it.

    Args:
        text: An id of any chain, or a link to a block explorer.
    """
    pasted = text.strip()[:_MAX_TEXT]
    found = [pasted, *_HEX_ID.findall(pasted), *("-".join(parts) for parts in _UUID.findall(pasted))]
    return list(dict.fromkeys(same_spelling(each) for each in [*found, *_BASE58_WORD.findall(pasted)]))


def _hex_id(text: str, description: str) -> str:
    found = {match.lower() for match in _HEX_ID.findall(text)}
    return _only(found, description)


def _evm(text: str) -> str:
    return "0x" + _hex_id(text, "a transaction hash is 0x and 64 hexadecimal digits")


def _tron(text: str) -> str:
    return _hex_id(text, "a transaction id on tron has 64 hexadecimal digits")


def _bitcoin(text: str) -> str:
    return _hex_id(text, "a Bitcoin transaction id has 64 hexadecimal digits")


def _solana(text: str) -> str:
    words = {word for word in _BASE58_WORD.findall(text) if len(base58.decode(word) or b"") == _SIGNATURE_BYTES}
    return _only(words, "a Solana transaction signature is 64 bytes in base58, 86 to 88 characters")


def _spark(text: str) -> str:
    if found := _UUID.fullmatch(text):
        return "-".join(found.groups()).lower()
    description = "a Spark transfer id is a UUID, and the id of a Spark token transaction has 64 hexadecimal digits"
    hexadecimal = {match.lower() for match in _HEX_ID.findall(text)}
    uuids = {"-".join(groups).lower() for groups in _UUID.findall(text)} if not hexadecimal else set()
    return _only(hexadecimal or uuids, description)


def _as_given(text: str) -> str:
    if len(text) > MAX_ID or not text.isprintable() or any(char.isspace() for char in text):
        raise TransactionIdError(f"a transaction id has 1 to {MAX_ID} characters and no spaces")
    return text


def _only(found: set[str], description: str) -> str:
    if len(found) != 1:
        raise TransactionIdError(f"{description}; the text has {len(found) or 'none'}")
    return found.pop()


_RULES: dict[str, Callable[[str], str]] = {
    **dict.fromkeys(EVM_CHAINS, _evm),
    "bitcoin": _bitcoin,
    "solana": _solana,
    "spark": _spark,
    "tron": _tron,
}
