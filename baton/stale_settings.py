"""Settings whose file changed and cannot be used, so that the process keeps what it read before.

Each process has one list of them. Its log says why when one is added, and its metrics say how many there are.
"""

from collections.abc import Mapping

_stale: dict[str, str] = {}


def mark_stale(setting: str, reason: str) -> bool:
    """Note that a setting is kept as it was; return whether that, or its reason, is new."""
    is_new = _stale.get(setting) != reason
    _stale[setting] = reason
    return is_new


def mark_current(setting: str) -> None:
    """Note that a setting is as its file has it."""
    _stale.pop(setting, None)


def stale_settings() -> Mapping[str, str]:
    """Return why each setting is kept as it was, by the setting's name; no reason holds a secret."""
    return dict(_stale)
