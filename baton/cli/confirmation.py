"""The question before a command does what cannot be taken back, or touches many orders."""

import sys

from baton.cli.errors import USAGE, CommandFailed


def confirmed(question: str) -> bool:
    """Ask a person on the terminal; return whether the answer is yes.

    Raises:
        CommandFailed: There is no terminal to ask in.
    """
    if not sys.stdin.isatty():
        raise CommandFailed(USAGE, "unconfirmed", "this is no terminal to confirm in; give --yes")
    sys.stderr.write(f"{question} [y/N] ")
    sys.stderr.flush()
    return sys.stdin.readline().strip().lower() in ("y", "yes")
