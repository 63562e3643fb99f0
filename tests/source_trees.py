"""The syntax trees of source code, for the tests that read the code itself."""

import ast
import gc
from pathlib import Path


def tree_of(text: str) -> ast.Module:
    """Return the syntax tree of a module's text."""
    # A collection during `ast.parse` may run finalizers, after which Python 3.11 fails with a SystemError.
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        return ast.parse(text)
    finally:
        if was_enabled:
            gc.enable()


def tree_of_file(file: Path) -> ast.Module:
    """Return the syntax tree of a file."""
    return tree_of(file.read_text(encoding="utf-8"))
