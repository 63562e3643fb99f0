"""Writes the tables of docs/metrics.md from the instruments: `python -m tests.pages.metrics_page --write`."""

import re
import sys

from baton.metrics.instruments import LEDGER_INSTRUMENTS, REGISTRY
from tests.paths import ROOT

PAGE = ROOT / "docs" / "metrics.md"
HEAD = "| metric | labels | meaning |\n|---|---|---|\n"


def process_rows() -> list[str]:
    """Return a row for each instrument of a process."""
    found = [one for one in set(REGISTRY._collector_to_names) if hasattr(one, "_labelnames")]
    return [
        _row(_shown_name(one), one._labelnames, one._documentation) for one in sorted(found, key=lambda one: one._name)
    ]


def ledger_rows() -> list[str]:
    """Return a row for each figure of the ledger."""
    return [_row(one.name, one.labels, one.text) for one in LEDGER_INSTRUMENTS]


def written(page: str) -> str:
    """Return the page with its tables as they should be."""
    for part, rows in (("process", process_rows()), ("ledger", ledger_rows())):
        start = f"<!-- {part}: written by `make docs` -->"
        table = f"{start}\n{HEAD}{''.join(rows)}<!-- end -->"
        page = re.sub(rf"{re.escape(start)}.*?<!-- end -->", lambda _, table=table: table, page, flags=re.DOTALL)
    return page


def _shown_name(instrument: object) -> str:
    name: str = instrument._name
    return f"{name}_total" if instrument._type == "counter" else name


def _row(name: str, labels: tuple[str, ...], text: str) -> str:
    return f"| `{name}` | {', '.join(f'`{label}`' for label in labels) or '-'} | {text} |\n"


if __name__ == "__main__":
    content = written(PAGE.read_text(encoding="utf-8"))
    if "--write" in sys.argv:
        PAGE.write_text(content, encoding="utf-8")
    else:
        sys.stdout.write(content)
