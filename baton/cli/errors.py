"""From exceptions to exit codes: 1 for a business refusal, 2 for wrong usage, 3 for an unreachable service.

Exceptions are recognised by name, because importing the modules that define them would make every command slow. What
is not listed is a defect and keeps its traceback.
"""

import functools
from collections.abc import Callable
from typing import NamedTuple, ParamSpec

import typer

from baton.cli.output import print_failure
from baton.cli.views.wording import clean

DONE, REFUSED, USAGE, UNREACHABLE, INTERRUPTED = 0, 1, 2, 3, 130

KNOWN: dict[str, tuple[int, str]] = {
    "baton.errors.OrderRefused": (REFUSED, "refused"),
    "baton.errors.OrderUnknown": (REFUSED, "order_unknown"),
    "baton.errors.Unreachable": (UNREACHABLE, "unreachable"),
    "baton.errors.DocumentError": (USAGE, "invalid_order"),
    "baton.settings.SettingsError": (USAGE, "invalid_settings"),
    "baton.process.service.ServiceMissing": (USAGE, "service_missing"),
    "baton.temporal.TemporalUnavailable": (UNREACHABLE, "temporal_unavailable"),
    "baton.ledger.errors.LedgerError": (UNREACHABLE, "ledger_unavailable"),
    "baton.local.stack.errors.StackError": (UNREACHABLE, "stack_unavailable"),
}
"""Exception to exit code, and the code to tell where the exception has none of its own."""

P = ParamSpec("P")


class CommandFailed(Exception):
    """A command cannot do what was asked, and says why in one sentence.

    Attributes:
        exit_code: What the process ends with.
        code: Stable name of the cause.
        message: One sentence with the remedy.
        details: What a program may want beside these.
    """

    def __init__(self, exit_code: int, code: str, message: str, **details: str) -> None:
        super().__init__(message)
        self.exit_code = exit_code
        self.code = code
        self.message = message
        self.details = details


class Failure(NamedTuple):
    """What is told of an expected error."""

    exit_code: int
    code: str
    message: str
    details: dict[str, str]


def explain(error: Exception) -> Failure | None:
    """Return what to tell of an error, or None for one that nobody expects."""
    if isinstance(error, CommandFailed):
        return Failure(error.exit_code, error.code, error.message, error.details)
    for kind in type(error).__mro__:
        known = KNOWN.get(f"{kind.__module__}.{kind.__qualname__}")
        if known:
            exit_code, code = known
            told = getattr(error, "code", code)
            # A dead process's `code` is its exit code, not a name.
            return Failure(
                getattr(error, "exit_code", exit_code), told if isinstance(told, str) else code, str(error), {}
            )
    return None


def command(function: Callable[P, int]) -> Callable[P, None]:
    """Make a function that returns an exit code a command that ends with it, whatever expected error comes up."""

    @functools.wraps(function)
    def run(*arguments: P.args, **options: P.kwargs) -> None:
        try:
            code = function(*arguments, **options)
        except Exception as error:
            failure = explain(error)
            if failure is None:
                raise
            print_failure(failure.code, clean(failure.message), failure.details, as_json=bool(options.get("as_json")))
            code = failure.exit_code
        raise typer.Exit(code)

    return run
