"""How `baton rehearse` shows what it found."""

from rich.table import Table
from rich.text import Text

from baton.cli.views.values import clean
from baton.rehearsal.report import Rehearsal

_EXAMPLES = 3


def rehearsal_summary(rehearsal: Rehearsal) -> Text:
    """Return how many workflows fit the code and how many do not."""
    parts = ", ".join(f"{count} {place}" for place, count in rehearsal.replayed.items()) or "none"
    total = sum(rehearsal.replayed.values())
    broken = len(rehearsal.broken)
    verdict = f"{broken} of them would break" if broken else "all of them continue under this code"
    gone = f"; {rehearsal.left_out} ended and were forgotten meanwhile" if rehearsal.left_out else ""
    return Text(f"{total} workflows replayed ({parts}): {verdict}{gone}" if total else f"no workflow to replay{gone}")


def broken_table(rehearsal: Rehearsal) -> Table:
    """Return a table with each cause: the workflow, how many of it break, examples, and why."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("workflow", "how many", "for example", "what happens"):
        table.add_column(heading, overflow="fold")
    for (workflow, cause), count in rehearsal.causes.most_common():
        same = [found for found in rehearsal.broken if (found.workflow, found.cause) == (workflow, cause)]
        examples = "\n".join(clean(found.workflow_id) for found in same[:_EXAMPLES])
        table.add_row(workflow, str(count), examples, clean(cause))
    return table
