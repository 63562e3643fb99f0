"""QR codes as terminal blocks and SVG pictures. Pure."""

from pathlib import Path

import pytest

from baton.cli.qr_options import write_svg
from baton.cli.views.qr import draw_blocks, make_code
from tests.cli.qr_reading import decoded, modules_of, read_drawing, read_svg

CONTENTS = [
    "spark1short",
    "LIGHTNING:LNBC" + "X" * 330,
    "https://cash.app/launch/lightning/lnbc" + "x" * 330,
    "ethereum:0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913@8453/transfer?address=0x52&uint256=100000000",
]


@pytest.mark.parametrize("content", CONTENTS)
def test_a_drawn_code_has_every_module_and_its_quiet_zone(content: str, tmp_path: Path) -> None:
    code = make_code(content)
    write_svg(code, str(tmp_path / "code.svg"))

    assert not code.is_micro
    assert read_drawing(draw_blocks(code)) == modules_of(content)
    assert read_svg((tmp_path / "code.svg").read_text()) == modules_of(content)


@pytest.mark.parametrize("content", CONTENTS)
def test_a_barcode_reader_decodes_a_drawn_code(content: str, tmp_path: Path) -> None:
    code = make_code(content)
    write_svg(code, str(tmp_path / "code.svg"))

    assert decoded(read_drawing(draw_blocks(code))) == content
    assert decoded(read_drawing(draw_blocks(code, 2))) == content
    assert decoded(read_svg((tmp_path / "code.svg").read_text())) == content


def test_a_long_invoice_still_fits_a_terminal_of_80_columns() -> None:
    assert max(map(len, draw_blocks(make_code(CONTENTS[2])).splitlines())) <= 80
