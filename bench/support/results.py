"""Results that are kept: raw figures as JSON and a table as Markdown, with command, machine and date."""

import json
import shlex
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).parents[2] / "docs" / "results"

QUIET = 1.0
"""A load average before the run from which on something else ran too."""


def command_line(name: str) -> str:
    """Return the command that runs this benchmark again, with the arguments of this process."""
    arguments = [f"ARGS={shlex.join(sys.argv[1:])}"] if sys.argv[1:] else []
    return shlex.join(["make", "bench", f"BENCH={name}", *arguments])


def now() -> str:
    """Return the current time for a result, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def write_results(folder: Path, name: str, document: Mapping[str, Any], page: str) -> list[Path]:
    """Write `NAME.json` and `NAME.md`; return their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    raw, table = folder / f"{name}.json", folder / f"{name}.md"
    raw.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    table.write_text(page, encoding="utf-8")
    return [raw, table]


def heading(title: str, command: str, machine: str, load_before: float | None) -> str:
    """Return the top of a page: what was run where and when, and whether the machine was quiet."""
    lines = [f"# {title}", "", f"`{command}`, {datetime.now(UTC):%Y-%m-%d}.", machine]
    if warning := busy_warning(load_before):
        lines += ["", f"**{warning}**"]
    return "\n".join(lines)


def busy_warning(load_before: float | None) -> str | None:
    """Return that other work ran on the machine; None if it was quiet, or nobody knows."""
    if load_before is None or load_before < QUIET:
        return None
    return f"Other work ran on the machine (load average {load_before} before the run): do not quote."


def markdown_table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a table whose first column is text and whose others are figures."""
    rule = ["---", *("---:" for _ in head[1:])]
    return "\n".join(f"| {' | '.join(row)} |" for row in (head, rule, *rows))
