"""The table of `baton ledger check`. Pure."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.console import RenderableType
from rich.text import Text

from baton.cli.views.layout import LOUD, QUIET, table
from baton.cli.views.values import clean

if TYPE_CHECKING:
    from baton.recovery.differences import Difference


def differences_table(differences: Sequence["Difference"]) -> RenderableType:
    """Return a table of the rows that differ from Temporal."""
    lines = table("order", "row", "difference", "")
    for each in differences:
        state = Text("mended", style=QUIET) if each.mended else Text("differs", style=LOUD)
        lines.add_row(Text(clean(each.workflow_id)), Text(each.kind.value), Text(clean(each.message)), state)
    return lines
