"""The options `--qr` and `--qr-svg`: check them early, then draw or write the code of an order."""

import os
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from baton.cli.errors import REFUSED, USAGE, CommandFailed
from baton.cli.output import console

if TYPE_CHECKING:
    from segno import QRCode

    from baton.chains.spec import ChainSpec
    from baton.orchestra.rules.objections import Routes
    from baton.orders.answers import Snapshot
    from baton.orders.payment_content import SourceAsset
    from baton.settings import Settings

_READABLE_BY_ALL = 0o644

Qr = Annotated[
    bool,
    typer.Option("--qr", help="Draw a QR code of the payment, for a wallet or a payment app to scan."),
]
QrSvg = Annotated[
    str | None,
    typer.Option("--qr-svg", metavar="FILE", help="Write that QR code to an SVG file.", show_default=False),
]


class QrRequest(NamedTuple):
    """What the options ask for.

    Attributes:
        draw: Draw the code for people.
        svg: File to write the code to.
    """

    draw: bool
    svg: str | None

    def __bool__(self) -> bool:
        """Whether the options ask for a code at all."""
        return self.draw or self.svg is not None


def read_qr_request(draw: bool, svg: str | None, *, as_json: bool) -> QrRequest:
    """Return what the options ask for; check it before anything else happens.

    Raises:
        CommandFailed: Both a drawing and JSON are asked for, the file cannot be written, or BATON_CHAINS_FILE is
            invalid.
    """
    if draw and as_json:
        raise CommandFailed(USAGE, "usage", "--qr draws for people; with --json, write the code to a file by --qr-svg")
    if svg is not None and (Path(svg).is_dir() or not os.access(Path(svg).absolute().parent, os.W_OK)):
        raise CommandFailed(USAGE, "unwritable_file", f"--qr-svg {svg}: name a file in a folder that can be written to")
    request = QrRequest(draw, svg)
    if request:
        _chains()
    return request


def show_qr_code(order: "Snapshot", request: QrRequest, settings: "Settings") -> None:
    """Draw the code of an order or write it to a file, as requested.

    Raises:
        CommandFailed: There is nothing to pay, the terminal is too narrow, or the file could not be written.
    """
    from baton.cli.views.qr_content import NoCode, qr_content

    if not request:
        return
    try:
        content = qr_content(order, _asset(order, settings), datetime.now(UTC))
    except NoCode as error:
        raise CommandFailed(REFUSED, "no_code", str(error)) from None
    show_code_of(content, request)


def show_code_of(content: str, request: QrRequest) -> None:
    """Draw the code of a text or write it to a file, as requested.

    Raises:
        CommandFailed: The terminal is too narrow, or the file could not be written.
    """
    from baton.cli.views.qr import make_code

    code = make_code(content)
    if request.svg is not None:
        write_svg(code, request.svg)
    if request.draw:
        _print(code)


def write_svg(code: "QRCode", file: str) -> None:
    """Write a code to an SVG file.

    Raises:
        CommandFailed: It could not be written; the file's old content is still there.
    """
    from baton.cli.views.qr import draw_svg
    from baton.process.atomic import write_atomically

    try:
        write_atomically(Path(file), draw_svg(code), mode=_READABLE_BY_ALL)
    except OSError as error:
        raise CommandFailed(
            REFUSED, "unwritable_file", f"--qr-svg {file} cannot be written: {error.strerror}"
        ) from None


def _print(code: "QRCode") -> None:
    from baton.cli.views.qr import NARROW_ZONE, QUIET_ZONE, code_view, width_of

    output = console()
    zones = (QUIET_ZONE, NARROW_ZONE)
    fitting = [zone for zone in zones if not output.is_terminal or width_of(code, zone) <= output.width]
    if not fitting:
        widths = f"it is {width_of(code, NARROW_ZONE)} columns wide, the terminal {output.width}"
        raise CommandFailed(REFUSED, "no_code", f"no code: {widths}; widen the terminal, or use --qr-svg")
    output.print()
    output.print(code_view(code, fitting[0]), soft_wrap=True)


def _asset(order: "Snapshot", settings: "Settings") -> "SourceAsset | None":
    from baton.orders.payment_content import find_asset

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
    """Return the route list that an earlier command cached for the account, if any: a code needs no network."""
    from baton.cli.files.route_cache import cache_file, cached_routes
    from baton.settings import SettingsError, load_accounts

    with suppress(SettingsError):
        if partner := load_accounts(settings).get(account):
            return cached_routes(cache_file(settings.home, partner.base_url))
    return None
