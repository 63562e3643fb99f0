"""A table of acts. Pure."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from rich.console import RenderableType
from rich.text import Text

from baton.cli.views.layout import LOUD, QUIET, table
from baton.cli.views.values import clean, words

if TYPE_CHECKING:
    from baton.ledger.act_rows import ActRow


def acts_table(acts: Iterable["ActRow"]) -> RenderableType:
    """Return a table of acts, in the order given."""
    rows = table("at", "by", "act", "of", "ended", "why")
    for act in acts:
        rows.add_row(
            f"{act.at:%Y-%m-%d %H:%M:%S}",
            clean(act.by),
            words(act.act),
            Text(clean(_subject(act))),
            _end(act),
            Text(clean(act.note or "")),
        )
    return rows


def _subject(act: "ActRow") -> str:
    named = act.reference or ""
    return f"{act.kind} {named}" if act.account in (None, "default") else f"{act.kind} {named} of {act.account}"


def _end(act: "ActRow") -> Text:
    if act.outcome == "done":
        return Text("done", style=QUIET)
    return Text(clean(f"{act.outcome}: {act.detail}" if act.detail else act.outcome), style=LOUD)
