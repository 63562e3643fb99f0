"""The texts of the operator page, all in `texts.toml`."""

import tomllib
from importlib.resources import files

from baton.gateway.pay.texts import Texts

_SHIPPED = files("baton.gateway.ops") / "texts.toml"


def load_operator_texts() -> Texts:
    """Return the texts by section and name."""
    document = tomllib.loads(_SHIPPED.read_text(encoding="utf-8"))
    return Texts("en", {name: part for name, part in document.items() if isinstance(part, dict)})
