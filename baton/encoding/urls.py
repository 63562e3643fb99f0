"""URLs that somebody else wrote."""

from urllib.parse import SplitResult, urlsplit


def parts_of_url(url: str) -> SplitResult:
    """Return the parts of a URL; those of an empty one where it cannot be read, as with half an IPv6 address."""
    try:
        return urlsplit(url)
    except ValueError:
        return urlsplit("")
