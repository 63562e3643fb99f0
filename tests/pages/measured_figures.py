"""Writes baton/measured_figures.py from docs/results: `python -m tests.pages.measured_figures --write`."""

import json
import sys
from collections.abc import Iterator
from typing import Any

from bench.support.order_size_report import POSTGRES
from tests.paths import ROOT

MODULE = ROOT / "baton" / "measured_figures.py"
RESULTS = ROOT / "docs" / "results"

_HOURS = {"minute": "1 / 60", "hour": "1", "day": "24"}
_PROCESSES = {"worker": "WORKER", "gateway": "GATEWAY", "temporal": "TEMPORAL", "postgres": "DATABASE"}
_NOTIFYING = {process: name for process, name in _PROCESSES.items() if process != "gateway"}

_HEAD = '''"""What one order takes, as it was measured: written by `make docs` from docs/results, not by hand."""

from typing import Final

LIVES: Final = (
'''
_LIVES_END = ''')
"""Hours that an order is open; then its events, bytes of history, billable actions and reads, with webhooks.

Measured by `make bench BENCH=growth`.
"""

'''


def rendered() -> str:
    """Return the module as the results make it."""
    return _HEAD + "".join(_lives()) + _LIVES_END + "".join(_figures())


def _lives() -> Iterator[str]:
    for life in _measured("growth")["lives"]:
        if life["tracking"] == "webhooks" and life["life"] in _HOURS:
            figures = (life["events"], life["size"], life["actions"], life["reads"])
            yield f"    ({', '.join([_HOURS[life['life']], *(f'{figure:_}' for figure in figures)])}),\n"


def _figures() -> Iterator[str]:
    document = _measured("sizing")
    cases, endpoints = document["cases"], document.get("endpoints", 1)
    plain = cases[POSTGRES]
    notified = next(case for name, case in cases.items() if name.startswith(f"{POSTGRES}, "))
    for process, name in _PROCESSES.items():
        yield _line(f"{name}_MS", plain["cpu_ms"][process])
    yield '"""CPU milliseconds of one order, its ledger on PostgreSQL. Measured by `make bench BENCH=sizing`."""\n\n'
    for process, name in _NOTIFYING.items():
        yield _line(f"NOTIFIED_{name}_MS", max(0.0, notified["cpu_ms"][process] - plain["cpu_ms"][process]) / endpoints)
    yield '"""CPU milliseconds that each endpoint of the order adds. Measured by the same run."""\n\n'
    yield from _of_the_ledger(plain, (notified["compact_bytes"] - plain["compact_bytes"]) / endpoints)


def _of_the_ledger(plain: dict[str, Any], notified_bytes: float) -> Iterator[str]:
    yield _line("LEDGER_ROWS", sum(plain["rows"].values()))
    yield _line("LEDGER_BYTES", plain["table_bytes"] + plain["index_bytes"])
    yield _line("NOTIFIED_BYTES", notified_bytes)
    yield '"""Rows and bytes of one order in the ledger with indexes and replaced rows; bytes for each endpoint."""\n\n'
    yield _line("WEBHOOKS", plain["rows"]["deliveries"]) + _line("EVENTS", plain["rows"]["events"])
    yield _line("CALLS", sum(plain["calls"].values()))
    yield '"""Webhooks that arrive for one order, events of its feed, and calls of Orchestra."""\n'


def _line(name: str, figure: float) -> str:
    return f"{name}: Final = {round(figure, 1):_}\n"


def _measured(name: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((RESULTS / f"{name}.json").read_text(encoding="utf-8"))
    return document


if __name__ == "__main__":
    if "--write" in sys.argv:
        MODULE.write_text(rendered(), encoding="utf-8")
    else:
        sys.stdout.write(rendered())
