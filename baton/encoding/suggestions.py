"""What somebody may have meant by a name that does not exist. Pure."""

from collections.abc import Iterable
from difflib import get_close_matches

_LONGEST = 64
"""Longer words are no misspelt names, and comparing them takes long."""


def closest(word: str, known: Iterable[str]) -> str | None:
    """Return the known name that a word most likely stands for, by its letters or their case; None if none is close."""
    if len(word) > _LONGEST:
        return None
    names = {name.casefold(): name for name in known}
    matches = get_close_matches(word.casefold(), names, n=1, cutoff=0.7)
    return names[matches[0]] if matches else None


def did_you_mean(word: str, known: Iterable[str], otherwise: str) -> str:
    """Return the question whether a close name was meant, or else another remedy."""
    name = closest(word, known)
    return f"did you mean {name}?" if name else otherwise
