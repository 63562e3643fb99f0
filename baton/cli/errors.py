"""From exceptions to exit codes: 1 for a business refusal, 2 for wrong usage, 3 for an unreachable service.

Exceptions are recognised by name, because importing the modules that define them would make every command slow. An
exception that is not listed is a defect and keeps its traceback.
"""

import functools
from collections.abc import Callable
from typing import NamedTuple, ParamSpec

import typer

from baton.cli.output import print_failure
from baton.cli.views.values import clean

DONE, REFUSED, USAGE, UNREACHABLE, INTERRUPTED = 0, 1, 2, 3, 130

KNOWN: dict[str, tuple[int, str]] = {
    "baton.errors.OrderRefused": (REFUSED, "refused"),
    "baton.errors.OrderUnknown": (REFUSED, "order_unknown"),
    "baton.errors.SourceRefused": (REFUSED, "refused"),
    "baton.errors.SourceUnknown": (REFUSED, "source_unknown"),
    "baton.errors.AffiliateRefused": (REFUSED, "refused"),
    "baton.errors.HoldRefused": (REFUSED, "refused"),
    "baton.errors.HoldUnknown": (REFUSED, "hold_unknown"),
    "baton.notifications.errors.EndpointUnknown": (REFUSED, "endpoint_unknown"),
    "baton.notifications.errors.EndpointRefused": (REFUSED, "refused"),
    "baton.notifications.relay.RelayRefused": (REFUSED, "refused"),
    "baton.errors.Unreachable": (UNREACHABLE, "unreachable"),
    "baton.errors.DocumentError": (USAGE, "invalid_order"),
    "baton.errors.InvalidArgument": (USAGE, "invalid_argument"),
    "baton.encryption.keys.UnknownKey": (USAGE, "payload_key_unknown"),
    "baton.encryption.codec.DamagedPayload": (USAGE, "payload_damaged"),
    "baton.setting_values.SettingsError": (USAGE, "invalid_settings"),
    "baton.process.service.ServiceMissing": (USAGE, "service_missing"),
    "baton.temporal.TemporalUnavailable": (UNREACHABLE, "temporal_unavailable"),
    "baton.ledger.errors.LedgerUrlError": (USAGE, "invalid_settings"),
    "baton.ledger.errors.LedgerError": (UNREACHABLE, "ledger_unavailable"),
    "baton.local.stack.errors.StackError": (UNREACHABLE, "stack_unavailable"),
}
"""Exception to exit code and error code; an exception's own codes take precedence."""

P = ParamSpec("P")


class CommandFailed(Exception):
    """A command cannot do its work; the message says why in one sentence.

    Attributes:
        exit_code: The exit code of the process.
        code: Stable name of the cause.
        message: One sentence with the remedy.
        details: More fields for programs.
    """

    def __init__(self, exit_code: int, code: str, message: str, **details: str) -> None:
        super().__init__(message)
        self.exit_code = exit_code
        self.code = code
        self.message = message
        self.details = details


class Failure(NamedTuple):
    """The message for an expected error."""

    exit_code: int
    code: str
    message: str
    details: dict[str, str]


def explain(error: Exception) -> Failure | None:
    """Return the failure for an error, or None if the error is not an expected one."""
    if isinstance(error, CommandFailed):
        return Failure(error.exit_code, error.code, error.message, error.details)
    for kind in type(error).__mro__:
        known = KNOWN.get(f"{kind.__module__}.{kind.__qualname__}")
        if known:
            exit_code, code = known
            own_code = getattr(error, "code", code)
            # A dead process's `code` is its exit code, not a name.
            name = own_code if isinstance(own_code, str) else code
            return Failure(getattr(error, "exit_code", exit_code), name, str(error), {})
    return None


def command(function: Callable[P, int]) -> Callable[P, None]:
    """Turn a function that returns an exit code into a command; expected errors are printed and become exit codes."""

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
