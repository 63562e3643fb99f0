"""How the orders of an address or a link stand, and their sums by asset, as a table. Pure."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.console import RenderableType
from rich.text import Text

from baton.chains.decimals import decimals_of
from baton.cli.views.layout import table
from baton.cli.views.units import whole_units
from baton.cli.views.values import NOTHING, clean, words

if TYPE_CHECKING:
    from baton.ledger.source_totals import AssetTotal, SourceTotals


def totals_table(totals: "SourceTotals") -> RenderableType:
    """Return a table with a line for each way in which orders stand."""
    shown = table("orders", "count", "paid in", "delivered")
    for line in totals.by_standing:
        shown.add_row(words(line.standing), str(line.orders), _sums(line.paid), _sums(line.delivered))
    return shown


def _sums(sums: "Sequence[AssetTotal]") -> Text:
    return Text("\n".join(_sum(total) for total in sums) or NOTHING)


def _sum(total: "AssetTotal") -> str:
    amount = whole_units(total.amount, total.asset, decimals_of(total.chain, total.asset))
    return clean(f"{amount} on {total.chain}")
