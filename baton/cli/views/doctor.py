"""How the findings of `baton doctor` look."""

from collections import Counter
from collections.abc import Sequence

from rich.text import Text

from baton.cli.views.values import clean
from baton.health.findings import CheckFinding, Level

_MARKS = {
    Level.OK: ("ok", "green"),
    Level.SKIPPED: ("skipped", "dim"),
    Level.WARNING: ("warning", "yellow"),
    Level.PROBLEM: ("PROBLEM", "bold red"),
}
_WIDTH = max(len(mark) for mark, _ in _MARKS.values())


def finding_view(finding: CheckFinding) -> Text:
    """Return a finding: how it is, and below it what that means and what mends it."""
    mark, style = _MARKS[finding.level]
    subject = f"{finding.subject}: " if finding.subject else ""
    view = Text.assemble((mark.ljust(_WIDTH), style), "  ", clean(f"{subject}{finding.message}"))
    indent = " " * (_WIDTH + 2)
    if finding.effect:
        view.append(f"\n{indent}means   {clean(finding.effect)}")
    if finding.remedy:
        view.append(f"\n{indent}mend    {clean(finding.remedy)}")
    return view


def summary_view(findings: Sequence[CheckFinding]) -> Text:
    """Return the last line: how many findings of each level there are."""
    counts = Counter(finding.level for finding in findings)
    if not counts[Level.PROBLEM] and not counts[Level.WARNING]:
        return Text(f"\n{len(findings)} checks, nothing is wrong", style="green")
    parts = (("problem", counts[Level.PROBLEM]), ("warning", counts[Level.WARNING]))
    named = [f"{count} {word}{'' if count == 1 else 's'}" for word, count in parts if count]
    return Text(f"\n{len(findings)} checks, {' and '.join(named)}", style="bold")
