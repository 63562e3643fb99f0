"""The texts of the payer page, in one file for each language."""

import tomllib
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from string import Formatter
from typing import Any

from baton.settings import SettingsError

_SHIPPED = files("baton.gateway.pay") / "texts.toml"


class Texts:
    """The texts by section and name.

    Args:
        language: The language's code, such as `en`.
        sections: The texts.
    """

    def __init__(self, language: str, sections: Mapping[str, Mapping[str, str]]) -> None:
        self.language = language
        self._sections = sections

    def __call__(self, section: str, name: str, **words: str) -> str:
        """Return a text with its words filled in."""
        return self._sections[section][name].format(**words)


def load_texts(file: Path | None = None) -> Texts:
    """Return the texts of a translation, or the shipped ones.

    Raises:
        SettingsError: The file cannot be read, lacks a text, or a text has other words in braces than the original.
    """
    original = tomllib.loads(_SHIPPED.read_text(encoding="utf-8"))
    if file is None:
        return _texts(original)
    try:
        translated = tomllib.loads(file.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise SettingsError(f"BATON_PAGE_TEXTS {file}: cannot be read: {reason}") from None
    if complaint := _complaint(original, translated):
        raise SettingsError(f"BATON_PAGE_TEXTS {file}: {complaint}")
    return _texts(translated)


def _texts(document: Mapping[str, Any]) -> Texts:
    return Texts(document["language"], {name: part for name, part in document.items() if isinstance(part, dict)})


def _complaint(original: Mapping[str, Any], translated: Mapping[str, Any]) -> str | None:
    if not isinstance(translated.get("language"), str):
        return 'language: is missing; write language = "de"'
    for section, texts in original.items():
        for name, text in texts.items() if isinstance(texts, dict) else ():
            found = translated.get(section, {}).get(name)
            if not isinstance(found, str):
                return f"{section}.{name}: is missing"
            if _words(found) - _words(text):
                return f"{section}.{name}: has other words in braces than the original: {text}"
    return None


def _words(text: str) -> set[str]:
    return {field for _, field, _, _ in Formatter().parse(text) if field is not None}
