"""Draws a view as text."""

import io
from datetime import timedelta

from rich.console import Console, RenderableType

from tests.orders.states import NOON

HOSTILE = "\x1b]0;owned\x07[bold]go\r\nback"


NOW = NOON + timedelta(seconds=30)


def drawn(view: RenderableType, *, soft_wrap: bool = True, width: int = 80) -> str:
    text = io.StringIO()
    Console(file=text, width=width, markup=False, highlight=False, emoji=False).print(view, soft_wrap=soft_wrap)
    return text.getvalue()
