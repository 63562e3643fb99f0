"""Amounts in whole units, such as 0.0015 BTC, from and to smallest ones. Exact: no floats."""

MOST_DECIMALS = 40
"""No asset has as many; a list that says so is wrong."""


def whole(amount: int, decimals: int) -> str:
    """Return an amount in whole units, exactly and without trailing zeros: 150000 with 8 decimals is `0.0015`."""
    units, rest = divmod(amount, 10**decimals)
    fraction = f"{rest:0{decimals}d}".rstrip("0") if rest else ""
    return f"{units}.{fraction}" if fraction else str(units)


def is_plausible(decimals: int | None) -> bool:
    """Whether a number of decimals can be that of an asset."""
    return decimals is not None and 0 <= decimals <= MOST_DECIMALS


def smallest(number: str, decimals: int, asset: str) -> int:
    """Return a number of whole units, such as `0.0015`, in smallest units.

    Args:
        number: Digits, with at most one dot between them.
        decimals: Decimals of the asset.
        asset: What the asset is called in an error.

    Raises:
        ValueError: It has more decimals than the asset.
    """
    units, _, fraction = number.partition(".")
    if len(fraction.rstrip("0")) > decimals:
        raise ValueError(f"{number} has {len(fraction.rstrip('0'))} decimals and {asset} has {decimals}; round it")
    return int(units + fraction.rstrip("0").ljust(decimals, "0"))


def units_in_words(amount: int, asset: str, decimals: int | None) -> str:
    """Return an amount in whole units with its asset, exactly; in smallest units where the decimals are unknown."""
    if decimals is None or not is_plausible(decimals):
        return f"{amount} smallest units of {asset}"
    return f"{whole(amount, decimals)} {asset}"


def in_words(amount: int, asset: str, decimals: int | None) -> str:
    """Return an amount for people: in whole units where the decimals are known, and always in smallest units."""
    if decimals is None or not is_plausible(decimals):
        return f"{amount} smallest units of {asset}"
    return f"{whole(amount, decimals)} {asset} ({amount} smallest units)"
