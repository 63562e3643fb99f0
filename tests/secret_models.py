"""Which fields of Baton's models hold secrets."""

import importlib
import pkgutil
from collections.abc import Iterator

from pydantic import BaseModel

import baton

_LOCAL = "baton.local."
"""The sandbox and the local stack, whose secrets guard nothing but a laptop."""

_RUN_BY_ALEMBIC = "baton.ledger.migrations.env"


def secret_model_fields() -> set[str]:
    """Return them as `Model.field`; private models only read what others hold."""
    return {
        f"{model.__name__}.{name}"
        for model in _models()
        for name, field in model.model_fields.items()
        if "SecretStr" in repr(field.annotation) and not model.__name__.startswith("_")
    }


def _models() -> Iterator[type[BaseModel]]:
    for found in pkgutil.walk_packages(baton.__path__, "baton."):
        if not found.name.startswith((_LOCAL, _RUN_BY_ALEMBIC)) and not found.name.endswith("__main__"):
            importlib.import_module(found.name)
    waiting = [BaseModel]
    while waiting:
        model = waiting.pop()
        waiting += model.__subclasses__()
        if model.__module__.startswith("baton.") and not model.__module__.startswith(_LOCAL):
            yield model
