"""Whether Python's bytecode is compiled: without it each process compiles at its start, and figures mean nothing."""

import importlib.util
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

_ROOT = Path(__file__).parents[2]
_VARIABLE = "PYTHONDONTWRITEBYTECODE"
_FOLDERS = ("activities", "baton", "bench", "workflows")
_COMPILE = f".venv/bin/python -m compileall -q {' '.join(_FOLDERS)} worker.py starter.py"


def objection(environment: Mapping[str, str] = os.environ, root: Path = _ROOT) -> str | None:
    """Return why a benchmark must not run, with the remedy; None if it may.

    Args:
        environment: The variables of this process, which those of a stack inherit.
        root: The folder of the checkout.
    """
    if environment.get(_VARIABLE):
        return f"{_VARIABLE} is set, so bytecode is not kept. Remedy: unset {_VARIABLE}, then {_COMPILE}"
    missing = _uncompiled([path for folder in _FOLDERS for path in sorted((root / folder).rglob("*.py"))])
    if missing:
        return f"{len(missing)} modules have no bytecode, {missing[0].relative_to(root)} first. Remedy: {_COMPILE}"
    return None


def _uncompiled(sources: Sequence[Path]) -> list[Path]:
    return [path for path in sources if not Path(importlib.util.cache_from_source(str(path))).exists()]
