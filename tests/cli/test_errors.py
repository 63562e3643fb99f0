"""From exceptions to exit codes."""

import importlib
import json

import pytest
import typer

from baton.cli.errors import KNOWN, CommandFailed, command, explain
from baton.errors import DocumentError, OrderRefused, OrderUnknown, Unreachable
from baton.ledger.errors import LedgerUrlError
from baton.local.stack.errors import Interrupted


@pytest.mark.parametrize("name", KNOWN)
def test_every_known_name_is_an_exception(name: str) -> None:
    module, _, kind = name.rpartition(".")
    assert issubclass(getattr(importlib.import_module(module), kind), Exception)


@pytest.mark.parametrize(
    ("error", "exit_code", "code"),
    [
        (OrderRefused("order_closed", "closed"), 1, "order_closed"),
        (OrderUnknown("order_unknown", "unknown"), 1, "order_unknown"),
        (DocumentError("amount is missing"), 2, "invalid_order"),
        (Unreachable("no_worker", "nobody"), 3, "no_worker"),
        (LedgerUrlError("not a URL"), 2, "invalid_settings"),
        (Interrupted(15), 143, "stack_unavailable"),
        (CommandFailed(2, "mine", "my words"), 2, "mine"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else "",
)
def test_an_expected_error_has_an_exit_code_and_a_code(error: Exception, exit_code: int, code: str) -> None:
    failure = explain(error)
    assert failure
    assert (failure.exit_code, failure.code, failure.message) == (exit_code, code, str(error))


def test_an_unexpected_error_keeps_its_traceback() -> None:
    @command
    def broken() -> int:
        raise KeyError("a defect")

    with pytest.raises(KeyError):
        broken()


def test_control_characters_in_an_error_are_removed(capsys: pytest.CaptureFixture[str]) -> None:
    @command
    def refused(as_json: bool = False) -> int:
        raise OrderRefused("refused", "\x1b[2J[red]no\x07\nway")

    with pytest.raises(typer.Exit) as exit_of_people:
        refused()
    with pytest.raises(typer.Exit):
        refused(as_json=True)

    printed = capsys.readouterr()
    assert exit_of_people.value.exit_code == 1
    assert printed.err == "error: [2J[red]no  way\n"
    assert json.loads(printed.out) == {"error": {"code": "refused", "message": "[2J[red]no  way"}}
