"""How the help shows flags: typer writes `<bool>` behind each, although a flag takes no value."""

from typing import Any

from typer.core import TyperOption

_METHOD = "display_type_rich"


def hide_types_of_flags() -> None:
    """Leave the type of flags out of every help; a typer that shows none stays as it is."""
    shown = getattr(TyperOption, _METHOD, None)
    if shown is None:
        return

    def without_flags(option: TyperOption, ctx: Any) -> str | None:
        text: str | None = None if option.is_bool_flag else shown(option, ctx)
        return text

    setattr(TyperOption, _METHOD, without_flags)
