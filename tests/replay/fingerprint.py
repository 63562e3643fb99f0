"""The workflow code's commands as a reviewed baseline: a change of them is seen before an open order meets it.

python -m tests.replay.fingerprint            tell what differs from the baseline; exit 1 if anything does
python -m tests.replay.fingerprint --write    take the code as it is for the new baseline
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
The workflow code gives other commands, or in another order, than the baseline says:

{changes}

Orders that are open at a deploy replay their history through this code. Decide which of these holds:
  - The histories in tests/replay/histories/ pass through the changed lines and still replay (pytest tests/replay):
    the change is proved safe. Where none passes through them, add a path to tests/replay/paths/ and record it with
    the code as it was before.
  - They do not replay: guard the change with `if workflow.patched("name-of-the-change")`, and keep the old way until
    no order that began before it is open any more.
  - No order was ever started by the old code: record the histories anew, python -m tests.replay.record --all.
Then renew the baseline and let the review see its diff:

  python -m tests.replay.fingerprint --write
"""


def baseline() -> Fingerprint:
    """Return the committed fingerprint."""
    return {name: list(calls) for name, calls in json.loads(BASELINE.read_text(encoding="utf-8")).items()}


def write(fingerprint: Fingerprint) -> None:
    """Make this fingerprint the baseline."""
    BASELINE.write_text(json.dumps(fingerprint, indent=2) + "\n", encoding="utf-8")


def complaint(before: Fingerprint, now: Fingerprint) -> str:
    """Return what changed and how to decide about it; empty when nothing did."""
    changes = [line for name in sorted({*before, *now}) for line in _changes(name, before, now)]
    return ADVICE.format(changes="\n".join(changes)) if changes else ""


def _changes(name: str, before: Fingerprint, now: Fingerprint) -> Iterator[str]:
    held, found = before.get(name, []), now.get(name, [])
    if held != found:
        yield f"  {name}"
        yield from (f"    {line}" for line in difflib.ndiff(held, found) if not line.startswith("?"))


def main() -> int:
    """Compare, or write."""
    parser = argparse.ArgumentParser(prog="python -m tests.replay.fingerprint", description=__doc__.splitlines()[0])
    parser.add_argument("--write", action="store_true", help="take the code as it is for the new baseline")
    if parser.parse_args().write:
        write(read())
        return 0
    told = complaint(baseline(), read())
    sys.stdout.write(told or "The workflow code gives the commands of the baseline.\n")
    return 1 if told else 0


if __name__ == "__main__":
    sys.exit(main())
