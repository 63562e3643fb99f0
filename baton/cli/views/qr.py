"""QR codes of what is to be paid: drawn in the terminal, or written to an SVG file."""

import io
import os
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from baton.cli.errors import REFUSED, USAGE, CommandFailed
from baton.cli.output import people

if TYPE_CHECKING:
    from segno import QRCode

    from baton.chains.spec import ChainSpec
    from baton.cli.views.qr_content import SourceAsset
    from baton.orchestra.rules.objections import Routes
    from baton.orders.answers import Snapshot
    from baton.settings import Settings

QUIET_ZONE = 4
"""Light modules around a code, as the standard wants it."""
NARROW_ZONE = 2
"""What a terminal too narrow for that shows: most cameras do with less."""
_COLOURS = "#ffffff on #000000"
"""Light modules are drawn as blocks, dark ones are left out: said so, every theme of a terminal shows it alike."""
_SVG_SCALE = 8
_FOR_EVERYBODY = 0o644

Qr = Annotated[
    bool,
    typer.Option("--qr", help="Draw a QR code of what is to be paid: a wallet or a payment app takes it from there."),
]
QrSvg = Annotated[
    str | None,
    typer.Option("--qr-svg", metavar="FILE", help="Write that QR code to an SVG file.", show_default=False),
]


class Wish(NamedTuple):
    """What is to become of an order's QR code.

    Attributes:
        draw: Draw it for people.
        svg: File to write it to.
    """

    draw: bool
    svg: str | None

    def __bool__(self) -> bool:
        """Tell whether a code is wanted at all."""
        return self.draw or self.svg is not None


def read_wish(draw: bool, svg: str | None, *, as_json: bool) -> Wish:
    """Return what the options ask for, before anything else is done.

    Raises:
        CommandFailed: Both a drawing and JSON are wanted, the file cannot be one, or the operator's chains do not fit.
    """
    if draw and as_json:
        raise CommandFailed(
            USAGE, "usage", "--qr draws for people; beside --json write the code to a file with --qr-svg"
        )
    if svg is not None and (Path(svg).is_dir() or not os.access(Path(svg).absolute().parent, os.W_OK)):
        raise CommandFailed(USAGE, "unwritable_file", f"--qr-svg {svg}: name a file in a folder that can be written to")
    wish = Wish(draw, svg)
    if wish:
        _chains()
    return wish


def show_code(order: "Snapshot", wish: Wish, settings: "Settings") -> None:
    """Draw or write the code of an order, as wished.

    Raises:
        CommandFailed: There is nothing to pay, the terminal is too narrow, or the file could not be written.
    """
    from baton.cli.views.qr_content import NoCode, qr_content

    if not wish:
        return
    try:
        code = make_code(qr_content(order, _asset(order, settings), datetime.now(UTC)))
    except NoCode as error:
        raise CommandFailed(REFUSED, "no_code", str(error)) from None
    if wish.svg is not None:
        write_svg(code, wish.svg)
    if wish.draw:
        _print(code)


def make_code(content: str) -> "QRCode":
    """Return the smallest QR code that holds the content; never a micro one, which phones do not read."""
    import segno

    return segno.make_qr(content, error="l")


def drawn(code: "QRCode", zone: int = QUIET_ZONE) -> str:
    """Return a code as lines of half blocks, two rows of modules each; what is light is drawn."""
    out = io.StringIO()
    code.terminal(out, border=zone, compact=True)
    return out.getvalue().rstrip("\n")


def write_svg(code: "QRCode", file: str) -> None:
    """Write a code to an SVG file, dark on light.

    Raises:
        CommandFailed: It could not be written; what the file held before is still there.
    """
    from baton.cli.atomic import write_atomically

    out = io.BytesIO()
    code.save(out, kind="svg", scale=_SVG_SCALE, border=QUIET_ZONE, dark="#000", light="#fff")
    try:
        write_atomically(Path(file), out.getvalue().decode(), mode=_FOR_EVERYBODY)
    except OSError as error:
        raise CommandFailed(
            REFUSED, "unwritable_file", f"--qr-svg {file} cannot be written: {error.strerror}"
        ) from None


def _print(code: "QRCode") -> None:
    from rich.text import Text

    console = people()
    zones = [
        zone for zone in (QUIET_ZONE, NARROW_ZONE) if not console.is_terminal or _width(code, zone) <= console.width
    ]
    if not zones:
        remedy = (
            f"it is {_width(code, NARROW_ZONE)} columns wide, the terminal {console.width}; widen that, or use --qr-svg"
        )
        raise CommandFailed(REFUSED, "no_code", f"no code: {remedy}")
    console.print()
    console.print(Text(drawn(code, zones[0]), style=_COLOURS), soft_wrap=True)


def _width(code: "QRCode", zone: int) -> int:
    return int(code.symbol_size(border=zone)[0])


def _asset(order: "Snapshot", settings: "Settings") -> "SourceAsset | None":
    from baton.cli.views.qr_content import find_asset

    return find_asset(order.source_chain, order.source_asset, _chains(), _routes(order.account, settings))


def _chains() -> "dict[str, ChainSpec]":
    from baton.chains.catalogue import OVERRIDES, load_chains
    from baton.chains.errors import ChainConfigError

    overrides = os.environ.get(OVERRIDES)
    try:
        return load_chains(Path(overrides) if overrides else None)
    except ChainConfigError as error:
        raise CommandFailed(USAGE, "invalid_settings", str(error)) from None


def _routes(account: str, settings: "Settings") -> "Routes | None":
    """Return the route list that an earlier command kept for the account, if any: a code waits for no network."""
    from baton.cli.route_file import kept_routes, route_file
    from baton.settings import SettingsError, load_accounts

    with suppress(SettingsError):
        if partner := load_accounts(settings).get(account):
            return kept_routes(route_file(settings.home, partner.base_url))
    return None
