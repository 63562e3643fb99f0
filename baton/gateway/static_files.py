"""Files that pages load: style sheets and scripts, under names that change with their content."""

import hashlib
from importlib.resources import files
from typing import NamedTuple

FOR_A_YEAR = {"Cache-Control": "public, max-age=31536000, immutable", "X-Content-Type-Options": "nosniff"}
"""Headers of a file whose name changes with its content."""


class StaticFile(NamedTuple):
    """A file of a page, under a name that changes with its content."""

    name: str
    content: bytes
    kind: str


def static_file(package: str, file: str, kind: str) -> StaticFile:
    """Return a file of the folder `assets` of a package.

    Args:
        package: The package, such as `baton.gateway.pay`.
        file: The file's name.
        kind: Its media type.
    """
    content = (files(package) / "assets" / file).read_bytes()
    stem, _, ending = file.rpartition(".")
    return StaticFile(f"{stem}.{hashlib.sha256(content).hexdigest()[:12]}.{ending}", content, kind)
