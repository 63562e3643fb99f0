"""Holds and releases as people read them. Pure."""

from collections.abc import Sequence

from rich.console import RenderableType
from rich.text import Text

from baton.cli.views.layout import LOUD, table
from baton.cli.views.units import whole_units
from baton.cli.views.values import NOTHING, clean, moment
from baton.holds.models import HeldOrders, HoldAnswer, HoldLine, HoldRelease


def placed_text(placed: HoldAnswer) -> str:
    """Return what a request for a hold came to."""
    hold = placed.hold
    if placed.known:
        text = f"{hold.scope} are on hold already: {hold.id}, since {moment(hold.since)}, {hold.reason}"
    else:
        text = f"{hold.id}: {hold.scope} are on hold; running orders see it within a second"
    return clean(f"{text}. `baton holds` shows what waits, `baton release {hold.id} --reason TEXT` releases it")


def release_text(release: HoldRelease) -> str:
    """Return what a release does."""
    how = "all at once" if release.rate is None else f"at {release.rate:g} a second, the oldest first"
    text = f"{release.hold.id} is released: new orders pass, those that wait {how}"
    return clean(f"{text}; `baton holds` shows how far that is")


def holds_table(lines: Sequence[HoldLine]) -> RenderableType:
    """Return a table of what is on hold."""
    shown = table("hold", "stops", "since", "by", "reason", "orders", "amounts", "oldest")
    for line in lines:
        hold = line.hold
        cells = (hold.scope, moment(hold.since), hold.by or NOTHING, hold.reason, *_waiting(line.waiting))
        shown.add_row(Text(hold.id, style=LOUD), *(clean(cell) for cell in cells))
    return shown


def _waiting(waiting: HeldOrders | None) -> tuple[str, str, str]:
    if waiting is None:
        return "not counted", NOTHING, NOTHING
    amounts = ", ".join(
        f"{whole_units(each.amount, each.asset, each.decimals)} on {each.chain}" for each in waiting.amounts
    )
    oldest = f"{waiting.oldest} of {moment(waiting.oldest_opened_at)}" if waiting.oldest else NOTHING
    return str(waiting.count), amounts or NOTHING, oldest


def releases_table(releases: Sequence[HoldRelease]) -> RenderableType:
    """Return a table of releases: those under way first."""
    shown = table("released", "stopped", "at", "by", "reason", "how", "orders", "left")
    for release in releases:
        how = "all at once" if release.rate is None else f"{release.rate:g} a second"
        cells = (release.hold.id, release.hold.scope, moment(release.at), release.by or NOTHING, release.reason, how)
        left = "done" if release.finished_at else str(NOTHING if release.left is None else release.left)
        shown.add_row(*(clean(cell) for cell in (*cells, str(release.released), left)))
    return shown
