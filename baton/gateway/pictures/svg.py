"""Elements of SVG as text, with everything escaped that comes from outside. Pure."""

from collections.abc import Iterable
from html import escape

from markupsafe import Markup

Number = int | float


def element(name: str, *content: Markup, **attributes: str | Number | None) -> Markup:
    """Return an element; an attribute's underscores are written as hyphens, and one that is None is left out.

    Args:
        name: The element.
        *content: What is inside, escaped already.
        **attributes: Its attributes; `class_` is `class`.
    """
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(_text(value))}"'
        for key, value in attributes.items()
        if value is not None
    )
    inner = "".join(content)
    return Markup(f"<{name}{written}>{inner}</{name}>" if inner else f"<{name}{written}/>")  # noqa: S704 - escaped


def words(text: str) -> Markup:
    """Return a text as the content of an element, without characters that XML does not have."""
    return Markup(escape("".join(letter for letter in text if letter >= " " or letter == "\t")))  # noqa: S704 - escaped


def label(text: str, x: Number, y: Number, class_: str, full: str | None = None) -> Markup:
    """Return a text in a picture; with the full one as its title, if it was shortened."""
    title = (element("title", words(full)),) if full is not None and full != text else ()
    return element("text", words(text), *title, x=x, y=y, class_=class_ or None)


def picture(title: str, summary: str, width: Number, height: Number, content: Iterable[Markup], name: str) -> Markup:
    """Return a whole picture that a screen reader announces by its title and summary.

    Args:
        title: What it shows.
        summary: The figures in a sentence.
        width: Its width in units; on the page it is as wide as its place.
        height: Its height.
        content: Its elements.
        name: An identifier that no other picture of the page has.
    """
    return element(
        "svg",
        element("title", words(title), id=f"{name}-title"),
        element("desc", words(summary), id=f"{name}-summary"),
        *content,
        class_="picture",
        role="img",
        viewBox=f"0 0 {_text(width)} {_text(height)}",
        aria_labelledby=f"{name}-title {name}-summary",
    )


def _text(value: str | Number) -> str:
    return value if isinstance(value, str) else f"{value:.1f}".removesuffix(".0")
