"""What `baton start --batch FILE` does: read, check all, place, and write what became of each row."""

import csv
import json
import os
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import cache
from pathlib import Path
from typing import Any, TextIO

from baton.batch.check import CheckedBatch, RowFault, check_batch
from baton.batch.rows import CSV_ENDING, BatchRow, UnreadableBatch, read_rows
from baton.batch.runner import GOOD, BatchRunner, BatchState, RowResult, of_fault
from baton.cli.asset_decimals import decimals_for
from baton.cli.errors import DONE, INTERRUPTED, REFUSED, USAGE, CommandFailed
from baton.cli.output import error_console, print_json, print_note, print_table
from baton.cli.session import open_client
from baton.cli.views.batch import fault_lines, results_of_rows
from baton.orders.document import OrderDocument, read_document
from baton.process.lifecycle import run_main

STDIN = "-"

WriteRow = Callable[[RowResult], None]


class BatchCommand:
    """One call of `baton start --batch`.

    Args:
        file: The file; `-` for JSON lines on stdin.
        skip_bad: Place the other rows if some are wrong.
        results: A file to which the result of each row is written as soon as it is known.
        patience: Seconds that each order may take.
        account: The account of rows that name none.
        as_json: Whether each result is one line of JSON on stdout.
    """

    def __init__(
        self, file: Path, *, skip_bad: bool, results: Path | None, patience: float, account: str | None, as_json: bool
    ) -> None:
        self._file = file
        self._skip_bad = skip_bad
        self._results = results
        self._patience = patience
        self._account = account or os.environ.get("BATON_ACCOUNT") or None
        self._as_json = as_json

    def run(self) -> int:
        """Run the command; return its exit code.

        Raises:
            CommandFailed: The file cannot be read, or rows are wrong and are not to be skipped.
        """
        if self._results and self._results.exists() and self._file.exists() and self._results.samefile(self._file):
            message = "--results: names the batch itself, which it would replace; name another file"
            raise CommandFailed(USAGE, "invalid_argument", message)
        checked = check_batch(_rows_of(self._file), _reader(), self._account)
        if checked.faults and not self._skip_bad:
            raise self._refusal(checked)
        code = run_main(self._place_all(checked))
        if code == INTERRUPTED:
            print_note("stopped; start the same file again, and it continues with the rest")
        return code

    def _refusal(self, checked: CheckedBatch) -> CommandFailed:
        """Show what is wrong with each row; return the error that ends the command."""
        if not self._as_json:
            error_console().print(fault_lines(checked.faults), soft_wrap=True)
        named = _in_words(checked.faults) if self._as_json else "see above"
        remedy = "nothing was started; correct them, or start the others with --skip-bad"
        total = len(checked.orders) + checked.bad_lines
        return CommandFailed(
            USAGE, "invalid_batch", f"{checked.bad_lines} of {total} rows are wrong ({named}); {remedy}"
        )

    async def _place_all(self, checked: CheckedBatch) -> int:
        client, counts, bad = await open_client(self._patience), Counter[BatchState](), list[RowResult]()
        with ExitStack() as stack:
            write = stack.enter_context(_written(self._results))
            show = stack.enter_context(_progress(len(checked.orders)))

            def note(result: RowResult) -> None:
                write(result)
                if self._as_json:
                    print_json(result.model_dump(mode="json"))
                if result.state not in GOOD:
                    bad.append(result)

            for fault in checked.faults:
                note(of_fault(fault))
            async for result in BatchRunner(client.place).run(checked.orders):
                counts[result.state] += 1
                note(result)
                show()
        self._print(counts, bad, checked)
        return REFUSED if bad else DONE

    def _print(self, counts: Counter[BatchState], bad: Sequence[RowResult], checked: CheckedBatch) -> None:
        if not self._as_json and bad:
            print_table(results_of_rows(bad))
        if checked.bad_lines:
            counts[BatchState.INVALID] = checked.bad_lines
        print_note(", ".join(f"{count} {state.replace('_', ' ')}" for state, count in counts.items()) or "no rows")


def _rows_of(file: Path) -> list[BatchRow]:
    try:
        raw = sys.stdin.buffer.read() if str(file) == STDIN else file.read_bytes()
        return read_rows(raw.decode("utf-8-sig"), is_csv=file.suffix.lower() == CSV_ENDING)
    except OSError as error:
        raise CommandFailed(USAGE, "unreadable_file", f"{file} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise CommandFailed(USAGE, "invalid_batch", f"{file} is no text in UTF-8; save it so") from None
    except UnreadableBatch as error:
        raise CommandFailed(USAGE, "invalid_batch", f"{file}: {error}") from None


def _reader() -> Callable[[dict[str, Any]], OrderDocument]:
    known = cache(decimals_for)  # the routes of an account are read once
    return lambda content: read_document(content, known(str(content.get("account", "default"))))


def _in_words(faults: Sequence[RowFault]) -> str:
    return ", ".join(f"line {fault.line}: {fault.message}" for fault in faults)


@contextmanager
def _written(file: Path | None) -> Iterator[WriteRow]:
    """Yield a function that writes a result, whole lines only, so that an interrupted run leaves a readable file."""
    if file is None:
        yield lambda _: None
        return
    try:
        opened = file.open("w", newline="", encoding="utf-8", buffering=1)
    except OSError as error:
        raise CommandFailed(USAGE, "unwritable", f"--results {file}: cannot be written: {error.strerror}") from None
    with opened:
        yield _csv_writer(opened) if file.suffix.lower() == CSV_ENDING else _json_writer(opened)


def _csv_writer(file: TextIO) -> WriteRow:
    table = csv.DictWriter(file, list(RowResult.model_fields), lineterminator="\n")
    table.writeheader()

    def write(row: RowResult) -> None:
        table.writerow(row.model_dump(mode="json"))

    return write


def _json_writer(file: TextIO) -> WriteRow:
    def write(row: RowResult) -> None:
        file.write(json.dumps(row.model_dump(mode="json")) + "\n")

    return write


@contextmanager
def _progress(total: int) -> Iterator[Callable[[], None]]:
    """Yield a function that counts a row on the terminal's stderr; elsewhere nothing is drawn."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=error_console(), disable=not error_console().is_terminal) as progress:
        task = progress.add_task("placing orders", total=total)
        yield lambda: progress.advance(task)
