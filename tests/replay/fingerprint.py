"""Compares the workflow code's commands with a reviewed baseline, so that a change is noticed before a deploy.

python -m tests.replay.fingerprint            show the differences from the baseline; exit 1 if there are any
python -m tests.replay.fingerprint --write    make the current code the new baseline
"""

import argparse
import difflib
import json
import sys
from collections.abc import Iterator
from pathlib import Path

from tests.replay.commands import Fingerprint, read

BASELINE = Path(__file__).with_name("fingerprint.json")

ADVICE = """\
The workflow code makes other commands than the baseline, or makes them in another order:

{changes}

Orders that are open at a deploy replay their history through this code. Decide which of these holds:
  - The histories in tests/replay/histories/ run through the changed lines and still replay (pytest tests/replay):
    the change is safe. If no history runs through them, add a path to tests/replay/paths/ and record it with the old
    code.
  - They do not replay: guard the change with `if workflow.patched("name-of-the-change")`, and keep the old code until
    no order that started before the change is open any more.
  - No order was ever started by the old code: record all histories again, python -m tests.replay.record --all.
Then write the new baseline and include its diff in the review:

  python -m tests.replay.fingerprint --write
"""


def baseline() -> Fingerprint:
    """Return the committed fingerprint."""
    return {name: list(calls) for name, calls in json.loads(BASELINE.read_text(encoding="utf-8")).items()}


def write(fingerprint: Fingerprint) -> None:
    """Make this fingerprint the baseline."""
    BASELINE.write_text(json.dumps(fingerprint, indent=2) + "\n", encoding="utf-8")


def difference(before: Fingerprint, now: Fingerprint) -> str:
    """Return the changes and how to decide about them; empty without changes."""
    changes = [line for name in sorted({*before, *now}) for line in _changes(name, before, now)]
    return ADVICE.format(changes="\n".join(changes)) if changes else ""


def _changes(name: str, before: Fingerprint, now: Fingerprint) -> Iterator[str]:
    old, new = before.get(name, []), now.get(name, [])
    if old != new:
        yield f"  {name}"
        yield from (f"    {line}" for line in difflib.ndiff(old, new) if not line.startswith("?"))


def main() -> int:
    """Compare the code with the baseline, or write the baseline; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.replay.fingerprint", description=__doc__.splitlines()[0])
    parser.add_argument("--write", action="store_true", help="make the current code the new baseline")
    if parser.parse_args().write:
        write(read())
        return 0
    report = difference(baseline(), read())
    sys.stdout.write(report or "The workflow code makes the commands of the baseline.\n")
    return 1 if report else 0


if __name__ == "__main__":
    sys.exit(main())
